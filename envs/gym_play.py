"""Gymnasium environments by id: made without a detour, and tried out by random play."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from copy import copy, deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec, load_env_creator
from numpy.typing import NDArray

WIDEST = 16
"""More numbers than this are too many words."""
WARM_UP = 3_000
"""Steps of random play."""
OUR_FAMILIES = ("gymnasium.envs.classic_control", "gymnasium.envs.toy_text")
"""Environments whose whole state is known to lie in the attributes below."""
CONTROL = ("state", "steps_beyond_terminated")
GRIDS = ("s", "lastaction", "fickle_step", "taxi_orientation")
CARDS = ("player", "dealer", "dealer_top_card_suit", "dealer_top_card_value_str")
STATE = (*CONTROL, *GRIDS, *CARDS)

OURS: Mapping[str, EnvSpec] = {
    "FirmLake-v1": EnvSpec(
        "FirmLake-v1",
        entry_point="gymnasium.envs.toy_text.frozen_lake:FrozenLakeEnv",
        kwargs={"map_name": "4x4", "is_slippery": False},
    ),
}
"""Environments of Gymnasium with other arguments, under names of ours."""

AnyEnv = gym.Env[Any, Any]


def make_gym(gym_id: str) -> AnyEnv:
    """Make the environment without Gymnasium's checks and time limit. Raises ValueError if that can't be done."""
    if gym_id not in OURS and gym_id not in gym.registry:
        close = difflib.get_close_matches(gym_id, gym.registry, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else "known ones are, for example, CartPole-v1 and Taxi-v4"
        raise ValueError(f"there is no Gymnasium environment {gym_id!r}; {hint}")
    spec = copy(OURS.get(gym_id) or gym.spec(gym_id))
    spec.order_enforce = False
    try:
        env: AnyEnv = gym.make(spec, max_episode_steps=-1, disable_env_checker=True, **_picture_mode(spec))
    except (gym.error.Error, ImportError) as fault:
        raise ValueError(f"the Gymnasium environment {gym_id!r} can't be made here: {fault}") from fault
    return env


def _picture_mode(spec: EnvSpec) -> dict[str, str]:
    """Ask for pictures where the environment says that it has them; it may refuse the argument otherwise."""
    creator = load_env_creator(spec.entry_point) if isinstance(spec.entry_point, str) else spec.entry_point
    modes = getattr(creator, "metadata", {}).get("render_modes", ())
    return {"render_mode": "rgb_array"} if "rgb_array" in modes else {}


def choices(env: AnyEnv) -> spaces.Discrete:
    """Return the action space. Raises ValueError if it has anything but a list of actions."""
    if not isinstance(env.action_space, spaces.Discrete):
        raise ValueError(f"only environments with Discrete actions have words here, got {env.action_space}")
    return env.action_space


def whole_numbers(space: spaces.Space[Any]) -> tuple[int, ...] | None:
    """Return how many values each whole number of an observation has; None: they are real numbers.

    Raises ValueError for observations that are neither.
    """
    match space:
        case spaces.Discrete():
            return (int(space.n),)
        case spaces.MultiDiscrete() if space.nvec.ndim == 1:
            return tuple(int(count) for count in space.nvec)
        case spaces.Tuple() if all(isinstance(part, spaces.Discrete) for part in space.spaces):
            return tuple(int(part.n) for part in space.spaces if isinstance(part, spaces.Discrete))
        case spaces.Box() if len(space.shape) == 1 and space.shape[0] <= WIDEST:
            return None
    raise ValueError(f"only Discrete observations, or a Box of {WIDEST} numbers at most, have words here, got {space}")


def numbers(observation: Any, space: spaces.Space[Any]) -> list[float]:
    """Return an observation as a row of numbers; whole ones count from 0."""
    match space:
        case spaces.Box():
            return list(observation.tolist())
        case spaces.Discrete():
            return [int(observation - space.start)]
        case spaces.MultiDiscrete():
            return list((observation - space.start).tolist())
        case spaces.Tuple():
            parts = zip(observation, space.spaces, strict=True)
            return [number for part, inner in parts for number in numbers(part, inner)]
    raise TypeError(f"no numbers are known for {space}")


@dataclass(frozen=True, slots=True)
class Play:
    """What random play met."""

    numbers: NDArray[np.float64]
    """(steps, numbers of an observation)."""
    low: float
    """Mean return."""
    high: float
    """Best return."""


@cache
def random_play(gym_id: str, limit: int) -> Play:
    """Play at random from a fixed seed: every copy of a world gets the same words."""
    env = make_gym(gym_id)
    env.action_space.seed(0)
    rows, returns = [], []
    observation, _ = env.reset(seed=0)
    total, time = 0.0, 0
    for _ in range(WARM_UP):
        rows.append(numbers(observation, env.observation_space))
        observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        total, time = total + float(reward), time + 1
        if terminated or truncated or time >= limit:
            returns.append(total)
            observation, _ = env.reset()
            total, time = 0.0, 0
    returns = returns or [total]
    return Play(np.array(rows, dtype=np.float64), float(np.mean(returns)), max(returns))


def saved(env: AnyEnv) -> dict[str, Any]:
    """Return the state of an environment as JSON data. Raises ValueError if it is not known how."""
    inner: Any = env.unwrapped
    if not type(inner).__module__.startswith(OUR_FAMILIES):
        raise ValueError(f"the state of {type(inner).__name__} can't be saved; runs in it can't be resumed exactly")
    state = {name: _plain(getattr(inner, name)) for name in STATE if hasattr(inner, name)}
    return {"attributes": state, "generator": inner.np_random.bit_generator.state}


def restore(env: AnyEnv, state: Mapping[str, Any]) -> None:
    """Put an environment back into a saved state."""
    inner: Any = env.unwrapped
    for name, value in state["attributes"].items():
        setattr(inner, name, np.array(value["row"], value["dtype"]) if isinstance(value, dict) else deepcopy(value))
    inner.np_random.bit_generator.state = state["generator"]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | tuple):  # MountainCar keeps a tuple after a step and an array after a reset
        row = np.asarray(value)
        return {"row": row.tolist(), "dtype": str(row.dtype)}
    return value.item() if isinstance(value, np.generic) else deepcopy(value)
