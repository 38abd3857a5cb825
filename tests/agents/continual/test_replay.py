import numpy as np
import pytest
import torch
from torch.nn import functional as F

from agents.config import EpisodicConfig, ModelConfig, ReplayConfig
from agents.continual.replay import Replay
from agents.events import MemoryEntry
from agents.language.transformer import Transformer
from agents.memory.episodic import EpisodicMemory
from agents.policies.language import LanguagePolicy

TEXTS = ("apple left", "apple right")


@pytest.fixture
def policy():
    generator = torch.Generator().manual_seed(0)
    policy = LanguagePolicy(Transformer(ModelConfig(width=16, heads=2, layers=1), generator), generator)
    policy.meet(0, ("north", "south", "east"), ("apple", "left", "right"))
    policy.meet(1, ("left", "right"), ())
    return policy


@pytest.fixture
def memory():
    memory = EpisodicMemory(EpisodicConfig(capacity=2), np.random.default_rng(0))
    memory.choose(0, 2, 1)
    entries = [MemoryEntry(id=-1, column=0, text=text, action="north", reward=0.0, step=0) for text in TEXTS]
    memory.write(0, entries, step=0)
    return memory


def strategy(memory):
    return Replay(ReplayConfig(rows=500), memory, torch.Generator().manual_seed(0))


def test_there_is_nothing_to_rehearse_in_the_first_task(policy, memory):
    replay = strategy(memory)
    replay.begin_task(policy, 0)
    assert replay.penalty(policy) == 0.0


def test_the_penalty_is_the_divergence_from_what_was_decided_then(policy, memory):
    then = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    memory.settle(0, then, torch.zeros(2))
    replay = strategy(memory)
    replay.begin_task(policy, 1)
    distribution, values = policy(policy.encode(TEXTS, [0, 0]))
    expected = F.kl_div(distribution.logits, then, reduction="batchmean") + 0.5 * (values**2).mean()
    assert float(replay.penalty(policy).detach()) == pytest.approx(float(expected.detach()), rel=0.05)


def test_an_agent_that_decides_as_then_pays_nothing(policy, memory):
    with torch.no_grad():
        distribution, values = policy(policy.encode(TEXTS, [0, 0]))
    memory.settle(0, distribution.probs, values)
    replay = strategy(memory)
    replay.begin_task(policy, 1)
    assert float(replay.penalty(policy).detach()) == pytest.approx(0.0, abs=1e-6)


def test_erasing_every_memory_of_a_task_ends_its_rehearsal(policy, memory):
    memory.settle(0, torch.full((2, 3), 1 / 3), torch.zeros(2))
    replay = strategy(memory)
    replay.begin_task(policy, 1)
    assert isinstance(replay.penalty(policy), torch.Tensor)
    memory.erase([entry.id for entry in memory.entries()], step=9)
    assert replay.penalty(policy) == 0.0
