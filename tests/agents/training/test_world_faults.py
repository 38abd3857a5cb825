"""A faulty environment costs its own stage: the other stages are trained, and one line names the fault."""

import sys

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

from agents.config import RunConfig
from agents.errors import BadInput
from agents.events import EnvWarned, Fault, StageFinished
from agents.store.run_store import RunStore
from agents.training.prepared_run import start
from agents.training.trainer import Trainer


class Digits(gym.Env):
    """A digit is shown; even wants action 0, odd wants action 1."""

    metadata = {"render_modes": []}  # noqa: RUF012 - Gymnasium declares it a plain dict

    def __init__(self):
        self.observation_space, self.action_space = spaces.Box(0, 4, (1,), np.float32), spaces.Discrete(2)
        self.digit = self.time = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.digit, self.time = int(self.np_random.integers(5)), 0
        return np.array([self.digit], np.float32), {}

    def step(self, action):
        self.time += 1
        right = int(action) == self.digit % 2
        self.digit = int(self.np_random.integers(5))
        return np.array([self.digit], np.float32), float(right), self.time >= 8, False, {}


class FourValues(Digits):
    def step(self, action):
        return super().step(action)[:4]


class NoInfo(Digits):
    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed)[0]


class NoSeed(Digits):
    def reset(self):
        return super().reset()


class RewardInARow(Digits):
    def step(self, action):
        observation, reward, *rest = super().step(action)
        return observation, np.array([reward], np.float32), *rest


class WarmingUp(Digits):
    """The very first observation of a process is NaN."""

    is_warm = False

    def reset(self, *, seed=None, options=None):
        was_warm, type(self).is_warm = type(self).is_warm, True
        observation, info = super().reset(seed=seed)
        return (observation if was_warm else np.array([np.nan], np.float32)), info


class AList(Digits):
    def reset(self, *, seed=None, options=None):
        observation, info = super().reset(seed=seed)
        return observation.tolist(), info


class OffersPictures(Digits):
    """Its constructor takes no mode."""

    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012 - as above


class ExitsInInit(Digits):
    def __init__(self):
        sys.exit("closed")


class Giant(Digits):
    def __init__(self):
        super().__init__()
        self.observation_space = spaces.MultiDiscrete([2**31, 2])


class Later(Digits):
    """Valid for the steps of the checks and a few more, then faulty."""

    steps = 0

    def step(self, action):
        type(self).steps += 1
        if type(self).steps > 3_040:
            self.fail()
        return super().step(action)


class ExitsLater(Later):
    def fail(self):
        sys.exit("closed")


class NaNLater(Later):
    def fail(self):
        self.digit = np.nan

    def step(self, action):
        result = super().step(action)
        return (np.array([np.nan], np.float32), *result[1:]) if type(self).steps > 3_040 else result


class Beyond(Digits):
    def step(self, action):
        return np.array([7], np.float32), *super().step(action)[1:]


OLD = {
    FourValues: "step returned 4 values",
    NoInfo: "(observation, info) is wanted",
    NoSeed: "reset takes no seed; reset(*, seed=None, options=None) is wanted",
    RewardInARow: "one finite number is wanted",
}
TOLERATED = {Beyond: "beyond the bounds", AList: "list of 1", OffersPictures: "takes no render_mode"}
WORLDS = (Digits, ExitsInInit, Giant, ExitsLater, NaNLater, WarmingUp, *OLD, *TOLERATED)


@pytest.fixture(autouse=True)
def registered():
    for world in WORLDS:
        gym.register(f"{world.__name__}-v0", entry_point=world)
        if issubclass(world, Later):
            world.steps = 0
    yield
    for world in WORLDS:
        del gym.registry[f"{world.__name__}-v0"]


def config(*worlds, every=0, strategy="naive"):
    stages = [{"task": f"gym:{world.__name__}-v0", "steps": 64} for world in worlds]
    return RunConfig.model_validate(
        {
            "stages": [*stages, {"task": "household/go-to", "steps": 64}],
            "learning": {"n_envs": 4, "n_steps": 8},
            "algorithm": {"name": "ppo", "n_epochs": 1, "batch_size": 32},
            "evaluation": {"n_eval_episodes": 2, "eval_freq": every},
            "strategy": {"name": strategy},
        }
    )


def outcome(trainer):
    events = list(trainer.run())
    faults = [event.message.format(**event.arguments) for event in events if isinstance(event, Fault)]
    return faults, [event.reason for event in events if isinstance(event, StageFinished)]


@pytest.mark.parametrize("strategy", ["naive", "joint"])
@pytest.mark.parametrize("world", [*OLD, ExitsInInit, Giant])
def test_an_unusable_environment_costs_its_stage_and_is_reported_at_the_start(world, strategy):
    faults, reasons = outcome(Trainer(config(world, strategy=strategy)))
    assert reasons == ["fault", "budget"]
    assert len(faults) == 2
    assert all(world.__name__ in fault and "\n" not in fault for fault in faults)
    assert "the other stages are trained" in faults[0]
    assert OLD.get(world, "") in faults[0]
    assert "was set aside" in faults[1]


@pytest.mark.parametrize(("world", "text"), [(ExitsLater, "SystemExit: closed"), (NaNLater, "finite numbers")])
def test_an_environment_that_fails_later_costs_its_stage(world, text, tmp_path):
    prepared = start(RunStore(tmp_path), config(world))
    events = list(prepared.events)
    assert [event.reason for event in events if isinstance(event, StageFinished)] == ["fault", "budget"]
    faults = [event.message.format(**event.arguments) for event in events if isinstance(event, Fault)]
    assert all(world.__name__ in fault and text in fault for fault in faults)


@pytest.mark.parametrize("world", [FourValues, ExitsInInit, Giant])
def test_a_run_without_usable_environments_is_refused_in_one_line_and_leaves_nothing(world, tmp_path):
    alone = config(world).model_copy(update={"stages": config(world).stages[:1]})
    with pytest.raises(BadInput, match=f"^{world.__name__}-v0: ") as refusal:
        start(RunStore(tmp_path), alone)
    assert "\n" not in str(refusal.value)
    assert not list(RunStore(tmp_path))


def test_an_unknown_environment_is_refused_whatever_the_other_stages(tmp_path):
    missing = config().changed({"stages.0.task": "gym:Digit-v0"})
    with pytest.raises(BadInput, match="did you mean"):
        start(RunStore(tmp_path), missing)


def test_an_environment_that_only_fails_at_first_is_reported_and_trained_in_its_stage():
    plan = config().changed({"stages": [config().stages[0].model_dump(), config(WarmingUp).stages[0].model_dump()]})
    faults, reasons = outcome(Trainer(plan))
    assert reasons == ["budget", "budget"]
    assert len(faults) == 1
    assert "WarmingUp-v0: reset observed array([nan]" in faults[0]


@pytest.mark.parametrize("world", TOLERATED)
def test_a_tolerated_fault_is_reported_once_a_run(world):
    events = list(Trainer(config(world, every=16)).run())
    (warning,) = (event for event in events if isinstance(event, Fault))
    assert isinstance(warning, EnvWarned)
    assert warning.arguments["world"] == f"{world.__name__}-v0"
    assert TOLERATED[world] in warning.message.format(**warning.arguments)
    assert [event.reason for event in events if isinstance(event, StageFinished)] == ["budget", "budget"]


def test_a_valid_environment_gives_no_warning():
    assert outcome(Trainer(config(Digits, every=16))) == ([], ["budget", "budget"])


@pytest.mark.parametrize(
    ("worlds", "steps", "stage"),
    [(8, 7, {}), (64, 50, {}), (8, 7, {"task": "household/words", "kind": "meta"})],
)
def test_a_stage_too_short_for_one_vector_step_is_reported(worlds, steps, stage):
    short = {"task": "household/go-to", **stage, "steps": steps if not stage else 2}
    changes = {"stages": [short, config().stages[0].model_dump()], "learning.n_envs": worlds}
    events = list(Trainer(config().changed(changes)).run())
    (text,) = [event.message.format(**event.arguments) for event in events if isinstance(event, Fault)]
    assert f"nothing was learned in its {short['steps']} steps" in text
    assert [event.reason for event in events if isinstance(event, StageFinished)] == ["budget", "budget"]
