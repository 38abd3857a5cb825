import numpy as np
import pytest
import torch

from agents.config.agent import ModelConfig
from agents.config.learning import EpisodicConfig
from agents.events import MemoryEntry
from agents.language.transformer import Transformer
from agents.memory.episodic import EpisodicMemory
from agents.optimiser import FlatAdam
from agents.policies.language import LanguagePolicy
from agents.rollout import Rollout

TEXTS = ["apple left", "house right", "apple left right"]
WORDS = ("house", "apple", "left", "right", "north", "south")


@pytest.fixture
def policy():
    """A small policy with two tasks."""
    generator = torch.Generator().manual_seed(0)
    policy = LanguagePolicy(Transformer(ModelConfig(width=16, heads=2, layers=1), generator), generator)
    policy.add_task(0, ("north", "south"), WORDS)
    policy.add_task(1, ("left", "right"), WORDS)
    return policy


@pytest.fixture
def memory():
    """A memory of capacity 0."""
    return EpisodicMemory(EpisodicConfig(buffer_size=0), np.random.default_rng(0))


@pytest.fixture
def rng():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def move():
    """Add noise of standard deviation `by` to every weight."""

    def add_noise(policy, by, seed=1):
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for weight in policy.parameters():
                weight += by * torch.randn(weight.shape, generator=generator)

    return add_noise


@pytest.fixture
def collected():
    """Return a rollout of one environment, with a step for each sentence."""

    def rollout(policy, texts, task_id=0):
        zeros = torch.zeros(len(texts), 1)
        return Rollout(
            policy.encode(texts, [task_id] * len(texts)),
            zeros.long(),
            zeros,
            zeros,
            zeros,
            zeros,
            zeros,
            zeros,
            zeros[0],
        )

    return rollout


@pytest.fixture
def texts():
    """Return the sentences of every task."""
    return TEXTS


@pytest.fixture
def loss():
    """Return the loss of a task; tasks with odd and with even ids conflict."""

    def task_loss(policy, task_id):
        distribution, values = policy(policy.encode(TEXTS, [task_id] * 3))
        return -distribution.logits[:, task_id % 2].mean() + (values - task_id).square().mean()

    return task_loss


@pytest.fixture
def learn(loss):
    """Train on a task under a strategy for some steps."""

    def train(policy, strategy, task_id, steps=10):
        optimiser = FlatAdam(policy)
        for _ in range(steps):
            total = loss(policy, task_id)
            optimiser.zero_grad()
            total.backward()
            strategy.project(policy)
            optimiser.step(1e-2)
            strategy.constrain(policy)

    return train


@pytest.fixture
def run_stage(policy, learn, collected):
    """Run a whole stage under a strategy."""

    def run(strategy, task_id):
        strategy.begin_task(policy, task_id)
        learn(policy, strategy, task_id)
        list(strategy.end_task(policy, task_id, collected(policy, TEXTS, task_id)))

    return run


@pytest.fixture
def answers():
    """Return the logits and values of the policy in a task, as an evaluation computes them."""

    def compute(policy, strategy, task_id):
        strategy.activate(policy, task_id)
        with torch.no_grad():
            distribution, values = policy(policy.encode(TEXTS, [task_id] * 3))
        return distribution.logits.clone(), values.clone()

    return compute


@pytest.fixture
def same():
    """Compare two answers bit by bit."""

    def are_equal(left, right):
        return all(torch.equal(a, b) for a, b in zip(left, right, strict=True))

    return are_equal


@pytest.fixture
def weights():
    """Return a copy of all weights."""

    def copy(policy):
        return {name: weight.detach().clone() for name, weight in policy.named_parameters()}

    return copy


@pytest.fixture
def remembered(texts):
    """A memory of the first task, and the action probabilities stored with its entries, (3, 2)."""
    memory = EpisodicMemory(EpisodicConfig(buffer_size=3), np.random.default_rng(0))
    memory.choose(0, 3, 1)
    memory.write(
        0, [MemoryEntry(id=-1, task_id=0, text=text, action="north", reward=0.0, step=0) for text in texts], step=0
    )
    stored = torch.tensor([[0.9, 0.1], [0.1, 0.9], [0.5, 0.5]])
    memory.store_targets(0, stored, torch.zeros(3))
    return memory, stored
