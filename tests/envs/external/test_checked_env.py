"""Every value of an external environment is checked: violations are named, and no value is silently misread."""

import sys
import threading

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

from envs.external import checked_env
from envs.external.active_calls import active_call
from envs.external.checked_env import CheckedEnv, ExternalEnvFault, take_warnings
from envs.external.observations import BEYOND, OTHER_TYPE, reader_for
from envs.gym_worlds.play import make_gym, random_play
from envs.task import Task

PAIR = spaces.MultiDiscrete([3, 4], start=[1, 0])
TUPLE = spaces.Tuple([spaces.Discrete(3), spaces.Discrete(4, start=-2)])
FIVE = spaces.Discrete(5)
BOX = spaces.Box(-9, 9, (2,), np.float32)


class World(gym.Env):
    """Returns the given observations, results and first results."""

    metadata = {"render_modes": []}  # noqa: RUF012 - Gymnasium declares it a plain dict

    def __init__(self, space=FIVE, shown=0, result=None, reset_result=None):
        self.observation_space, self.action_space = space, spaces.Discrete(2)
        self.shown, self.result, self.reset_result = shown, result, reset_result

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return (self.shown, {}) if self.reset_result is None else self.reset_result()

    def step(self, action):
        return (self.shown, 0.0, False, False, {}) if self.result is None else self.result()


@pytest.fixture
def named():
    """Registers worlds under ids, for the length of a test."""
    names = []

    def register(name, entry_point):
        gym.register(name, entry_point=entry_point)
        names.append(name)
        return name

    yield register
    for name in names:
        del gym.registry[name]
    take_warnings()


def read(space, observation):
    """Return the numbers of an observation, and its warnings."""
    take_warnings()
    row = CheckedEnv("Test-v0", World(space, observation)).reset()
    return row, [warning.message for warning in take_warnings()]


@pytest.mark.parametrize(
    ("space", "observation", "row"),
    [
        (spaces.Discrete(5), 3, [3]),
        (spaces.Discrete(5), np.int8(3), [3]),
        (spaces.Discrete(5), np.array(3), [3]),
        (spaces.Discrete(2), True, [1]),
        (spaces.Discrete(5, start=-1), -1, [0]),
        (spaces.Discrete(5, start=10), 14, [4]),
        (PAIR, np.array([3, 0]), [2, 0]),
        (PAIR, np.array([1, 3], np.int32), [0, 3]),
        (TUPLE, (2, -2), [2, 0]),
        (TUPLE, (np.int64(0), np.int64(1)), [0, 3]),
        (BOX, np.array([-9, 9], np.float32), [-9, 9]),
        *(
            (spaces.Box(0, 9, (2,), dtype), np.array([0, 9], dtype), [0, 9])
            for dtype in ("float16", "float32", "float64", "int8", "uint8", "int32", "int64", "uint64")
        ),
    ],
)
def test_a_valid_observation_is_read_without_a_warning(space, observation, row):
    assert space.contains(observation) or observation is True
    assert read(space, observation) == (row, [])


@pytest.mark.parametrize(
    ("space", "observation", "row", "message"),
    [
        (BOX, np.array([1, 2.5]), [1, 2.5], OTHER_TYPE),
        (BOX, np.array([1, 2.5], np.float16), [1, 2.5], OTHER_TYPE),
        (BOX, [1, 2.5], [1, 2.5], OTHER_TYPE),
        (BOX, (1, 2.5), [1, 2.5], OTHER_TYPE),
        (BOX, np.array([True, False]), [1, 0], OTHER_TYPE),
        (spaces.Box(0, 9, (1,), np.uint8), np.array([2.5]), [2.5], OTHER_TYPE),
        (BOX, np.array([1, 9.5], np.float32), [1, 9.5], BEYOND),
        (spaces.Box(0, np.inf, (1,), np.float32), np.array([-1], np.float32), [-1], BEYOND),
        (spaces.Box(0, 4, (1,), np.int8), np.array([5], np.int8), [5], BEYOND),
        (PAIR, [3, 0], [2, 0], OTHER_TYPE),
        (PAIR, np.array([3.0, 0.0]), [2, 0], OTHER_TYPE),
        (TUPLE, np.array([2, -2]), [2, 0], OTHER_TYPE),
        (spaces.Discrete(5), 3.0, [3], OTHER_TYPE),
        (spaces.Discrete(5), np.float32(3), [3], OTHER_TYPE),
    ],
)
def test_an_invalid_but_usable_observation_is_reported_once(space, observation, row, message):
    assert read(space, observation) == (row, [message])
    env = CheckedEnv("Test-v0", World(space, observation))
    for _ in range(3):
        env.reset()
        env.step(0)
    assert [warning.message for warning in take_warnings()] == [message]


@pytest.mark.parametrize(
    ("space", "observation"),
    [
        *((spaces.Discrete(5), wrong) for wrong in (-1, 5, 2.5, np.nan, None, "3", [3], (3,), np.array([3]), {})),
        *((spaces.Discrete(5, start=1), wrong) for wrong in (0, 6, np.int64(2**40), 2**70)),
        *((PAIR, wrong) for wrong in (np.array([0, 0]), np.array([1, 4]), np.array([1]), np.array([1, 2, 3]), 3)),
        *((PAIR, wrong) for wrong in (np.array([1.5, 2]), np.array([1, np.nan]), np.array([[1, 2]]), None, "ab")),
        *((TUPLE, wrong) for wrong in ((3, 0), (0, 2), (0, 0, 0), (0,), 0, (0, None), (0, [0]), {"a": 0}, ("", ""))),
        *((BOX, np.array(wrong, np.float32)) for wrong in ([np.nan, 0], [0, np.inf], [0], [0, 0, 0], [[0, 0]], 0)),
        *((BOX, wrong) for wrong in (None, "ab", [0, None], [[0], [0, 1]], 0.0, np.array([1j, 0]), {}, object())),
        (spaces.Box(0, 9, (1,), np.int64), np.array([np.nan])),
    ],
)
def test_an_unusable_observation_is_a_fault_that_names_world_space_and_value(space, observation):
    for call in ("reset", "step"):
        env = CheckedEnv("Test-v0", World(space, observation))
        with pytest.raises(ExternalEnvFault) as fault:
            env.reset() if call == "reset" else env.step(0)
        text = str(fault.value)
        assert text.startswith(f"Test-v0: {call} observed ")
        assert type(space).__name__ in text
        assert "wanted" in text
        assert "\n" not in text
        assert len(text) < 400


@pytest.mark.parametrize(
    "space",
    [
        spaces.Discrete(2**31),
        spaces.Discrete(1_000_000),
        spaces.MultiDiscrete([2**31, 2]),
        spaces.MultiDiscrete([2] * 257),
        spaces.MultiDiscrete([[2, 2]]),
        spaces.Tuple([spaces.Discrete(2**31), spaces.Discrete(2)]),
        spaces.Tuple([spaces.Discrete(2)] * 257),
        spaces.Tuple([spaces.Discrete(2), BOX]),
        spaces.Tuple([]),
        spaces.MultiBinary(4),
        spaces.Dict({"a": spaces.Discrete(2)}),
        spaces.Text(8),
        spaces.Sequence(spaces.Discrete(2)),
        spaces.Graph(spaces.Discrete(2), None),
        spaces.OneOf([spaces.Discrete(2)]),
        spaces.Box(0, 1, (17,)),
        spaces.Box(0, 1, (2, 2)),
        spaces.Box(0, 1, ()),
        spaces.Box(0, 255, (8, 8, 3), np.uint8),
        None,
    ],
)
def test_an_unsupported_space_is_refused_in_one_line_with_its_world(space):
    with pytest.raises(ExternalEnvFault, match=r"^Test-v0: .* words here, got ") as refusal:
        CheckedEnv("Test-v0", World(space))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("space", [spaces.Discrete(2**31), spaces.MultiDiscrete([2, 2]), BOX, None])
def test_actions_that_are_no_short_list_are_refused_in_one_line(space):
    world = World()
    world.action_space = space
    with pytest.raises(ExternalEnvFault, match=r"^Test-v0: .*actions have words here, got "):
        CheckedEnv("Test-v0", world)


@pytest.mark.parametrize("result", [0, (0, 0.0), (0, 0.0, False, {}), (0, 0.0, False, {}, {}), None, (0,) * 6])
def test_a_step_of_another_interface_names_the_wanted_result(result):
    with pytest.raises(ExternalEnvFault, match=r"^Test-v0: step returned .*wanted"):
        CheckedEnv("Test-v0", World(result=lambda: result)).step(0)


@pytest.mark.parametrize("result", [0, None, (0,), (0, 1), (0, {}, {}), np.array([1, 2])])
def test_a_reset_of_another_interface_names_the_wanted_result(result):
    with pytest.raises(ExternalEnvFault, match=r"^Test-v0: reset returned .*\(observation, info\) is wanted"):
        CheckedEnv("Test-v0", World(reset_result=lambda: result)).reset()


@pytest.mark.parametrize("reward", [np.nan, np.inf, -np.inf, None, "1", np.array([1.0]), [1.0], 1j, {}, object()])
def test_a_reward_that_is_no_number_is_a_fault(reward):
    with pytest.raises(ExternalEnvFault, match=r"^Test-v0: step returned the reward .*; one finite number is wanted"):
        CheckedEnv("Test-v0", World(result=lambda: (0, reward, False, False, {}))).step(0)


@pytest.mark.parametrize("reward", [1, 1.0, True, np.float32(1), np.int64(1), np.array(1.0)])
def test_a_reward_may_be_any_single_number(reward):
    assert CheckedEnv("Test-v0", World(result=lambda: (0, reward, False, False, {}))).step(0)[1] == 1.0


@pytest.mark.parametrize("flag", [None, "False", np.nan, np.array([True]), 2, {}])
@pytest.mark.parametrize("flag_name", ["terminated", "truncated"])
def test_an_end_that_is_neither_true_nor_false_is_a_fault(flag_name, flag):
    ends = (flag, False) if flag_name == "terminated" else (False, flag)
    with pytest.raises(ExternalEnvFault, match=f"^Test-v0: step returned .* as {flag_name}; True or False is wanted"):
        CheckedEnv("Test-v0", World(result=lambda: (0, 0.0, *ends, {}))).step(0)


def leave():
    sys.exit("closed")


def fail():
    raise ZeroDivisionError


def interrupt():
    raise KeyboardInterrupt


@pytest.mark.parametrize(("act", "text"), [(leave, "raised SystemExit: closed"), (fail, "raised ZeroDivisionError")])
def test_sys_exit_in_a_world_is_an_error_of_that_world(act, text, named):
    class Unmade(World):
        def __init__(self):
            act()

    class Unspaced(World):
        @property
        def observation_space(self):
            return act()

        @observation_space.setter
        def observation_space(self, space):
            pass

    with pytest.raises(ExternalEnvFault, match=f"^Test-v0: reset {text}$"):
        CheckedEnv("Test-v0", World(reset_result=act)).reset()
    with pytest.raises(ExternalEnvFault, match=f"^Test-v0: step {text}$"):
        CheckedEnv("Test-v0", World(result=act)).step(0)
    with pytest.raises(ExternalEnvFault, match=f"^Unmade-v0: make {text}"):
        make_gym(named("Unmade-v0", Unmade))
    with pytest.raises(ExternalEnvFault, match=f"^Test-v0: observation_space {text}"):
        CheckedEnv("Test-v0", Unspaced())


def test_a_person_may_interrupt_a_world():
    with pytest.raises(KeyboardInterrupt):
        CheckedEnv("Test-v0", World(result=interrupt)).step(0)
    assert active_call(threading.get_ident()) is None


class Painted(World):
    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012 - as above
    picture = staticmethod(lambda: np.zeros((4, 4, 3), np.uint8))

    def __init__(self, render_mode=None):
        super().__init__()
        self.render_mode = render_mode

    def render(self):
        return self.picture()


@pytest.mark.parametrize(
    "picture", [leave, fail, lambda: None, lambda: "ascii", lambda: np.zeros((4, 4)), lambda: np.zeros((0, 0, 3))]
)
def test_a_world_whose_picture_fails_is_shown_by_its_name_and_reported_once(picture, named, monkeypatch):
    monkeypatch.setattr(Painted, "picture", staticmethod(picture))
    world = Task(key=f"gym:{named('Painted-v0', Painted)}").make()
    world.reset(seed=0)
    take_warnings()
    for _ in range(2):
        assert world.draw(None, 64).shape == (64, 64, 3)
    (warning,) = take_warnings()
    assert warning.message.format(**warning.arguments).startswith("Painted-v0: render brought ")


def test_a_world_that_refuses_its_declared_render_mode_runs_without_pictures(named):
    class Refusing(World):
        metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012 - as above

        def __init__(self):
            super().__init__()

    world = Task(key=f"gym:{named('Refusing-v0', Refusing)}").make()
    assert world.draw(None, 64).std() > 0
    assert checked_env.NO_MODE in [warning.message for warning in take_warnings()]


def test_a_first_observation_that_is_no_number_never_reaches_the_bins(named):
    class WarmingUp(World):
        is_warm = False

        def reset(self, *, seed=None, options=None):
            was_warm, type(self).is_warm = type(self).is_warm, True
            return np.array([0 if was_warm else np.nan, 0], np.float32), {}

        def __init__(self):
            super().__init__(BOX, np.zeros(2, np.float32))

    name = named("WarmingUp-v0", WarmingUp)
    with pytest.raises(ExternalEnvFault, match="nan"):
        random_play(name, 10)
    assert np.isfinite(random_play(name, 10).numbers).all()


def test_the_active_call_of_a_thread_is_known():
    here = threading.get_ident()
    seen = []
    env = CheckedEnv("Test-v0", World(result=lambda: seen.append(active_call(here)) or (0, 0.0, False, False, {})))
    env.step(0)
    assert (seen[0].world, seen[0].call) == ("Test-v0", "step")
    assert active_call(here) is None


def test_a_giant_space_is_refused_before_its_values_are_enumerated():
    with pytest.raises(ValueError, match="10,000 values"):
        reader_for(spaces.MultiDiscrete([2**40, 2**40]))
