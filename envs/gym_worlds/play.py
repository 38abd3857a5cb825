"""Making Gymnasium environments by id, random play in them, and saving their state."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from copy import copy, deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.envs.registration import EnvSpec, load_env_creator
from numpy.typing import NDArray

from envs.external.checked_env import NO_MODE, SHARED_GENERATORS, AnyEnv, CheckedEnv, external_call, warn
from envs.external.global_generators import SHARED, OwnGenerators

WARM_UP = 3_000
"""Steps of random play."""
TRUSTED_PACKAGES = ("gymnasium.envs.classic_control", "gymnasium.envs.toy_text")
"""Packages of Gymnasium whose environments keep their whole state in the attributes below."""
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
"""Environments of Gymnasium with other arguments, under our own ids."""


def make_gym(gym_id: str) -> AnyEnv:
    """Make the environment without Gymnasium's checks and time limit.

    Raises ValueError for an unknown id, and ExternalEnvFault if making it fails.
    """
    if gym_id not in OURS and gym_id not in gym.registry:
        close = difflib.get_close_matches(gym_id, gym.registry, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else "known ones are, for example, CartPole-v1 and Taxi-v4"
        raise ValueError(f"there is no Gymnasium environment {gym_id!r}; {hint}")
    spec = copy(OURS.get(gym_id) or gym.spec(gym_id))
    spec.order_enforce = False
    with external_call(gym_id, "make"):
        if not _has_pictures(spec):
            return _make(spec)
        try:
            return _make(spec, render_mode="rgb_array")
        except TypeError as error:
            if "'render_mode'" not in str(error):
                raise
            env = _make(spec)
            warn(NO_MODE, world=gym_id)
            return env


def _make(spec: EnvSpec, **mode: str) -> AnyEnv:
    env: AnyEnv = gym.make(spec, max_episode_steps=-1, disable_env_checker=True, **mode)
    return env


def _has_pictures(spec: EnvSpec) -> bool:
    """Return whether the environment declares `rgb_array`; others may reject it as `render_mode`."""
    creator = load_env_creator(spec.entry_point) if isinstance(spec.entry_point, str) else spec.entry_point
    return "rgb_array" in getattr(creator, "metadata", {}).get("render_modes", ())


def make_checked_env(gym_id: str, limit: int) -> CheckedEnv:
    """Make a checked environment, of episodes of at most `limit` steps.

    Raises as `make_gym` does, and ExternalEnvFault for spaces that can't be put into words.

    Unless it is Gymnasium's own, random play first finds out whether it draws from shared random generators.
    """
    if _is_trusted(gym_id):
        return CheckedEnv(gym_id, make_gym(gym_id), is_trusted=True)
    drawn = random_play(gym_id, limit).drawn
    if not drawn:
        return CheckedEnv(gym_id, make_gym(gym_id))
    warn(SHARED_GENERATORS, world=gym_id, generators=", ".join(drawn))
    return _with_generators(gym_id, drawn)


def _is_trusted(gym_id: str) -> bool:
    """Return whether an environment is known not to draw from shared generators."""
    spec = OURS.get(gym_id) or gym.registry.get(gym_id)
    return spec is not None and isinstance(spec.entry_point, str) and spec.entry_point.startswith(TRUSTED_PACKAGES)


def _with_generators(gym_id: str, names: tuple[str, ...]) -> CheckedEnv:
    rng = OwnGenerators(names)
    with rng.installed():
        env = make_gym(gym_id)
    return CheckedEnv(gym_id, env, rng)


@dataclass(frozen=True, slots=True)
class RandomPlay:
    """Statistics of random play."""

    numbers: NDArray[np.float64]
    """Observations, (steps, numbers of an observation)."""
    low: float
    """Mean return."""
    high: float
    """Best return."""
    best: float = 0.0
    """Highest reward of a step."""
    drawn: tuple[str, ...] = ()
    """Modules whose shared random generators the environment drew from."""


@cache
def random_play(gym_id: str, limit: int) -> RandomPlay:
    """Play `WARM_UP` steps at random, with a fixed seed so that every copy of a world gets the same bins."""
    env = _with_generators(gym_id, () if _is_trusted(gym_id) else tuple(SHARED))
    env.actions.seed(0)
    rows, returns = [], []
    row = env.reset(seed=0)
    total, time, best = 0.0, 0, float("-inf")
    for _ in range(WARM_UP):
        rows.append(row)
        row, reward, terminated, truncated = env.step(int(env.actions.sample()))
        total, time, best = total + reward, time + 1, max(best, reward)
        if terminated or truncated or time >= limit:
            returns.append(total)
            row = env.reset()
            total, time = 0.0, 0
    returns = returns or [total]
    drawn = () if env.rng is None else env.rng.used
    return RandomPlay(np.array(rows, dtype=np.float64), float(np.mean(returns)), max(returns), best, drawn)


def env_state(env: AnyEnv | CheckedEnv) -> dict[str, Any]:
    """Return the state of an environment as JSON data. Raises ValueError for one that is not Gymnasium's own."""
    inner: Any = env.unwrapped
    if not type(inner).__module__.startswith(TRUSTED_PACKAGES):
        raise ValueError(f"the state of {type(inner).__name__} can't be saved; runs in it can't be resumed exactly")
    state = {name: _as_json(getattr(inner, name)) for name in STATE if hasattr(inner, name)}
    return {"attributes": state, "generator": inner.np_random.bit_generator.state}


def restore(env: AnyEnv | CheckedEnv, state: Mapping[str, Any]) -> None:
    """Restore a state from `env_state`."""
    inner: Any = env.unwrapped
    for name, value in state["attributes"].items():
        setattr(inner, name, np.array(value["row"], value["dtype"]) if isinstance(value, dict) else deepcopy(value))
    inner.np_random.bit_generator.state = state["generator"]


def _as_json(value: Any) -> Any:
    if isinstance(value, np.ndarray | tuple):  # MountainCar keeps a tuple after a step and an array after a reset
        row = np.asarray(value)
        return {"row": row.tolist(), "dtype": str(row.dtype)}
    return value.item() if isinstance(value, np.generic) else deepcopy(value)
