"""Every gradient is clipped and finite, under every strategy, model and algorithm."""

from itertools import combinations

import pytest
import torch

import agents.continual.adapters
import agents.continual.offline_distillation
import agents.update.gradient_learner
from agents.agent import Agent
from agents.collect.collector import Collector
from agents.config import RunConfig
from agents.config.algorithms import PPOConfig
from agents.config.learning import LearningConfig
from agents.config.strategy_pair import conflict, tables
from agents.errors import NotFinite
from agents.optimiser import FlatAdam, clip
from agents.registry import ALGORITHMS, LEARNERS, MODELS, STRATEGIES, names
from agents.runtime.iteration import drain
from envs.task import Task

CLIP = 1e-3
TASKS = (Task(key="household/go-to"), Task(key="household/take"))
SINGLE = sorted(names(STRATEGIES))
PAIRS = ["+".join(pair) for pair in combinations(SINGLE, 2) if conflict(*pair) is None]
BODIES = [name for name in names(MODELS) if name != "table"]  # a table has no gradients
GRADIENT_ALGORITHMS = [name for name, kind in names(ALGORITHMS).items() if kind not in LEARNERS]
"""Algorithms that learn by gradient."""
CASES = [
    *((body, strategy, "ppo") for body in BODIES for strategy in SINGLE),
    *(("mlp", pair, "ppo") for pair in PAIRS),
    *(("transformer", "adapters", algorithm) for algorithm in GRADIENT_ALGORITHMS if algorithm != "ppo"),
]


@pytest.fixture(scope="module")
def pretrained_folder(tmp_path_factory):
    pytest.importorskip("peft", reason="the extra llm is not installed")
    from agents.benchmarks.reference.random_models import draw_model

    return draw_model(tmp_path_factory.mktemp("models") / "llama", "llama")


@pytest.fixture
def create_agent(request):
    """Return a function that creates a small agent with both tasks."""

    def create(body, strategy, algorithm):
        changes = {"model.name": body, "strategy.name": strategy, "algorithm.name": algorithm}
        if body == "pretrained":
            changes |= {"model.source": str(request.getfixturevalue("pretrained_folder")), "model.rank": 2}
        learning = LearningConfig(n_envs=4, n_steps=8, max_grad_norm=CLIP)
        config = RunConfig(learning=learning).changed(changes)
        short = {"samples": 8, "post_prune_steps": 2, "compress_steps": 2}
        for table, part in tables(config.strategy).items():
            config = config.changed({f"strategy.{table}{key}": n for key, n in short.items() if hasattr(part, key)})
        if algorithm == "dqn":
            config = config.changed({"algorithm.learning_starts": 8})
        agent = Agent(config)
        for task_id, task in enumerate(TASKS):
            agent.add_task(task, task_id)
        return agent

    return create


def begin(agent, task_id, algorithm="ppo"):
    """Begin a stage and collect a rollout; GRPO's needs complete episodes."""
    agent.begin(task_id, 10_000)
    agent.reset_returns([task_id])
    worlds = [agent.world(TASKS[task_id], task_id) for _ in range(4)]
    return drain(agent.interact(Collector(worlds, task_id, seed=task_id), 128 if algorithm == "grpo" else 8, 0))


@pytest.fixture
def steps(monkeypatch):
    """Record the squared norm of each gradient that Adam steps along; gradients of one learner step are summed."""
    squared_norms = []

    def recording(kind):
        class Recorded(FlatAdam):
            def step(self, rate):
                if kind == "factors":
                    squared_norms[-1] += float(self.gradient.double().square().sum())
                else:
                    squared_norms.append(float(self.gradient.double().square().sum()))
                super().step(rate)

        return Recorded

    monkeypatch.setattr(agents.update.gradient_learner, "FlatAdam", recording("learner"))
    monkeypatch.setattr(agents.continual.adapters, "FlatAdam", recording("factors"))
    monkeypatch.setattr(agents.continual.offline_distillation, "FlatAdam", recording("retraining"))
    return squared_norms


@pytest.mark.parametrize(("body", "strategy", "algorithm"), CASES)
def test_after_clipping_no_gradient_is_longer_than_the_setting(create_agent, steps, body, strategy, algorithm):
    agent = create_agent(body, strategy, algorithm)
    norms = []
    for task_id in (0, 1):
        rollout = begin(agent, task_id, algorithm)
        norms.append(drain(agent.learn(rollout, 0)).get("gradient", 0.0))
        drain(agent.consolidate(task_id, rollout, [task_id]))
    assert max(norms) > CLIP, "there was nothing to clip"
    assert steps
    assert max(steps) ** 0.5 <= CLIP * (1 + 1e-6)
    assert max(steps) ** 0.5 > CLIP * 0.9


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
@pytest.mark.parametrize(("body", "strategy", "algorithm"), CASES)
def test_a_gradient_that_is_not_finite_raises_before_the_weights_change(create_agent, body, strategy, algorithm, value):
    agent = create_agent(body, strategy, algorithm)
    rollout = begin(agent, 0, algorithm)
    drain(agent.learn(rollout, 0))
    drain(agent.consolidate(0, rollout, [0]))
    rollout = begin(agent, 1, algorithm)
    before = {name: weight.detach().clone() for name, weight in agent.policy.named_parameters()}
    for weight in agent.policy.parameters():
        if weight.dim() == 2:
            weight.register_hook(lambda gradient: torch.full_like(gradient, value))
    with pytest.raises(NotFinite, match="lower"):
        drain(agent.learn(rollout, 0))
    assert agent.is_sound
    for name, weight in agent.policy.named_parameters():
        assert torch.equal(weight, before[name]), name


@pytest.mark.parametrize("strategy", ["packnet", "progress_compress"])
def test_nor_do_the_weights_change_by_one_in_retraining(create_agent, strategy):
    agent = create_agent("mlp", strategy, "ppo")
    for task_id in (0, 1):
        rollout = begin(agent, task_id)
        drain(agent.learn(rollout, 0))
        if task_id == 0:
            drain(agent.consolidate(0, rollout, [0]))
    for weight in agent.policy.parameters():
        weight.register_hook(lambda gradient: torch.full_like(gradient, float("inf")))
    with pytest.raises(NotFinite, match="lower"):
        drain(agent.consolidate(1, rollout, [1]))
    assert agent.is_sound


def test_a_changed_setting_reaches_strategies_that_train_by_themselves(create_agent):
    agent = create_agent("mlp", "packnet", "ppo")
    agent.change_settings(PPOConfig(), LearningConfig(max_grad_norm=7.0))
    assert agent.strategy.clip_gradient == 7.0


def test_gradients_are_clipped_together_as_torch_does():
    parts = [torch.randn(5, generator=torch.Generator().manual_seed(seed)) for seed in range(3)]
    weights = [torch.nn.Parameter(torch.zeros(5)) for _ in parts]
    for weight, part in zip(weights, parts, strict=True):
        weight.grad = part.clone()
    expected = torch.nn.utils.clip_grad_norm_(weights, 0.3)
    torch.testing.assert_close(clip(parts, 0.3), expected)
    for weight, part in zip(weights, parts, strict=True):
        torch.testing.assert_close(part, weight.grad)
