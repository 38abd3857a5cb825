from contextlib import contextmanager

import numpy as np
import pytest
import torch

import agents.agent
from agents.agent import Agent
from agents.benchmarks.speed.fake_device import ELSEWHERE, FarTensor, TwoDevices, second_device
from agents.config import RunConfig
from agents.config.agent import MLPConfig
from agents.config.algorithms import DQNConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.config.strategies import EWCConfig, PackNetConfig, ProgressCompressConfig, ReplayConfig
from agents.config.strategy_pair import BothConfig
from agents.events import Fault
from agents.registry import ALGORITHMS, STRATEGIES
from agents.state_tree import join, split
from agents.training.trainer import Trainer
from envs.curriculum import Stage

STAGES = (Stage(task="household/go-to", steps=8), Stage(task="household/put-away", steps=8))
SHORT = {PackNetConfig: {"post_prune_steps": 2}, ProgressCompressConfig: {"compress_steps": 4, "samples": 8}}
SHORT |= {kind: {"samples": 8} for kind in STRATEGIES if "samples" in kind.model_fields and kind not in SHORT}
RUNS = {
    **{kind.__name__: {"strategy": kind(**SHORT.get(kind, {}))} for kind in STRATEGIES},
    **{kind.__name__: {"algorithm": kind()} for kind in ALGORITHMS if kind.__name__.startswith(("GRPO", "A2C", "Rei"))},
    "DQN": {"algorithm": DQNConfig(learning_starts=8, batch_size=8, prioritised=True)},
    "prioritised replay": {"strategy": ReplayConfig(batch_size=8, priority=0.5)},
    "two strategies": {"strategy": BothConfig(first=EWCConfig(samples=8), second=ReplayConfig(batch_size=8))},
    "MLP": {"model": MLPConfig()},
}


def config(**changes):
    learning = LearningConfig(n_envs=2, n_steps=4)
    evaluation = EvaluationConfig(n_eval_episodes=1, eval_freq=0, deterministic=False)
    return RunConfig(**{"stages": STAGES, "learning": learning, "evaluation": evaluation, **changes})


def near(weight):
    return weight.numbers if isinstance(weight, FarTensor) else weight


def collected(settings):
    """Return the agent that has lived it, without a fault."""
    trainer = Trainer(settings)
    events = list(trainer.run())
    assert not [event for event in events if isinstance(event, Fault)]
    return trainer.state.agent


@pytest.fixture
def elsewhere(monkeypatch):
    """Let agents be born on the device that is not there."""

    @contextmanager
    def enter():
        with monkeypatch.context() as patch, second_device() as device:
            patch.setattr(agents.agent, "device_of", lambda _: ELSEWHERE)
            yield device

    return enter


def same(one, other):
    pairs = zip(one.policy.state_dict().items(), other.policy.state_dict().items(), strict=True)
    return all(name == other_name and torch.equal(near(a), near(b)) for (name, a), (other_name, b) in pairs)


@pytest.mark.parametrize("name", RUNS)
def test_a_life_on_another_device_leaves_no_tensor_behind_and_comes_to_the_same_weights(name, elsewhere):
    settings = config(**RUNS[name])
    with elsewhere():
        far = collected(settings)
        assert all(isinstance(weight, FarTensor) for weight in far.policy.parameters())
        again = Agent(settings)
        again.restore(join(*split(far.state())))
        assert same(far, again)
        again.strategy.penalty(again.policy)  # what it kept must have come back to the device
    assert same(far, collected(settings))


def test_what_is_left_on_the_processor_is_found_and_named():
    with second_device(), pytest.raises(TwoDevices, match=r"aten::add.*shape \(3,\) were left on the processor"):
        torch.ones(3).to(ELSEWHERE) + torch.ones(3)


def test_numpy_cannot_look_in_and_a_plain_number_may_join():
    with second_device() as device:
        far = torch.tensor([1.0, 2.0], device=ELSEWHERE)
        assert (far * torch.tensor(2.0)).tolist() == [2.0, 4.0]
        with pytest.raises((RuntimeError, TypeError)):
            far.numpy()
        np.testing.assert_array_equal(far.cpu().numpy(), [1, 2])
    assert sum(device.brought.values()) == 3


def test_gradients_flow_and_waiting_is_counted():
    with second_device() as device:
        weight = torch.nn.Parameter(torch.arange(3.0).to(ELSEWHERE))
        (weight**2).sum().backward()
        assert weight.grad.cpu().tolist() == [0, 2, 4]
        assert bool(weight.grad.sum() > 5)
    assert sum(device.waited.values()) == 1
