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


def numbers_of(weight):
    return weight.numbers if isinstance(weight, FarTensor) else weight


def trained(settings):
    """Return the agent after a run without faults."""
    trainer = Trainer(settings)
    events = list(trainer.run())
    assert not [event for event in events if isinstance(event, Fault)]
    return trainer.state.agent


@pytest.fixture
def elsewhere(monkeypatch):
    """Return a context in which agents are created on the fake device."""

    @contextmanager
    def enter():
        with monkeypatch.context() as patch, second_device() as device:
            patch.setattr(agents.agent, "device_of", lambda _: ELSEWHERE)
            yield device

    return enter


def have_same_weights(first, second):
    pairs = zip(first.policy.state_dict().items(), second.policy.state_dict().items(), strict=True)
    return all(name == other_name and torch.equal(numbers_of(a), numbers_of(b)) for (name, a), (other_name, b) in pairs)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_on_another_device_mixes_no_devices_and_ends_with_the_same_weights(name, elsewhere):
    settings = config(**RUNS[name])
    with elsewhere():
        far = trained(settings)
        assert all(isinstance(weight, FarTensor) for weight in far.policy.parameters())
        restored = Agent(settings)
        restored.restore(join(*split(far.state())))
        assert have_same_weights(far, restored)
        restored.strategy.penalty(restored.policy)  # the restored tensors must be on the device
    assert have_same_weights(far, trained(settings))


def test_mixing_devices_raises_and_names_the_tensors_on_the_processor():
    with second_device(), pytest.raises(TwoDevices, match=r"aten::add.*shape \(3,\) were left on the processor"):
        torch.ones(3).to(ELSEWHERE) + torch.ones(3)


def test_numpy_has_no_access_and_scalars_may_mix():
    with second_device() as device:
        far = torch.tensor([1.0, 2.0], device=ELSEWHERE)
        assert (far * torch.tensor(2.0)).tolist() == [2.0, 4.0]
        with pytest.raises((RuntimeError, TypeError)):
            far.numpy()
        np.testing.assert_array_equal(far.cpu().numpy(), [1, 2])
    assert sum(device.copies.values()) == 3


def test_gradients_flow_and_synchronisations_are_counted():
    with second_device() as device:
        weight = torch.nn.Parameter(torch.arange(3.0).to(ELSEWHERE))
        (weight**2).sum().backward()
        assert weight.grad.cpu().tolist() == [0, 2, 4]
        assert bool(weight.grad.sum() > 5)
    assert sum(device.waits.values()) == 1
