"""A checked wrapper of external environments: whatever they return is compared with the spaces that they declare.

A value that can't be used raises `ExternalEnvFault`; one that violates its space but can be used is reported once
as an `EnvWarning`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from math import isfinite
from time import monotonic
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from envs.external import active_calls
from envs.external.global_generators import OwnGenerators, detect_draws
from envs.external.observations import (
    BEYOND,
    MAX_VALUES,
    OTHER_TYPE,
    Unrepresentable,
    reader_for,
    short_repr,
    type_name,
)

AnyEnv = gym.Env[Any, Any]
NO_PICTURE = "{world}: {call} brought {value} and no picture; its name is shown instead. Reported once."
NO_MODE = "{world} names rgb_array among its render modes, but takes no render_mode; it is shown without a picture."
SHARED_GENERATORS = (
    "{world} draws from {generators}, which the whole process shares: it gets its own generators, seeded by the run, "
    "but it can't be resumed exactly. Reported once."
)
CHECK_INTERVAL = 64
"""Calls between two checks for draws from shared generators: a check costs as much as a few steps."""
WARNING_TEMPLATES = (OTHER_TYPE, BEYOND, NO_PICTURE, NO_MODE, SHARED_GENERATORS)
"""Every warning as a template."""
RESET = "reset(*, seed=None, options=None)"
SEQUENCE = (tuple, list)
STEP = ("observation", "reward", "terminated", "truncated", "info")


class ExternalEnvFault(ValueError):
    """An external environment raised or returned an unusable value; names the environment, the call and the value."""


@dataclass(frozen=True, slots=True)
class EnvWarning:
    """A violation that the lab can work with: `message.format(**arguments)`."""

    message: str
    arguments: Mapping[str, str]

    @property
    def about(self) -> tuple[str, str]:
        """World and template: warnings with equal ones are reported once."""
        return self.arguments["world"], self.message


class _Warnings(threading.local):
    """Warnings about the environments that a thread uses."""

    def __init__(self) -> None:
        self.warnings: list[EnvWarning] = []


_WARNED = _Warnings()


def take_warnings() -> list[EnvWarning]:
    """Return and clear the warnings about the environments that the calling thread uses."""
    warnings, _WARNED.warnings = _WARNED.warnings, []
    return warnings


def warn(message: str, **arguments: str) -> None:
    """Record a warning of the calling thread, for `take_warnings`."""
    _WARNED.warnings.append(EnvWarning(message, arguments))


@contextmanager
def external_call(world: str, call: str) -> Iterator[None]:
    """Register a call of an external environment. Raises ExternalEnvFault for any error within.

    `sys.exit` in an environment is an error of that environment, and must not end the lab.
    """
    try:
        with active_calls.mark_call(world, call):
            yield
    except (ExternalEnvFault, gym.error.UnregisteredEnv):
        raise
    except (Exception, SystemExit) as error:
        raise raised(world, call, error) from error


def raised(world: str, call: str, error: BaseException) -> ExternalEnvFault:
    """Return the fault for an error that a call of an environment raised."""
    return ExternalEnvFault(f"{world}: {call} raised {type(error).__name__}: {error}".removesuffix(": "))


class CheckedEnv:
    """An external environment whose results are checked; observations become lists of numbers.

    Raises ExternalEnvFault at once for spaces that can't be put into words, and later for each unusable value.
    """

    def __init__(self, gym_id: str, env: AnyEnv, rng: OwnGenerators | None = None, *, is_trusted: bool = False) -> None:
        self.id, self._env = gym_id, env
        self.rng, self._is_trusted = rng, is_trusted
        """Generators in place of the shared ones, if it draws from them; a trusted environment never does."""
        self._unchecked_calls = 0
        """Calls before the next one that is checked for draws from shared generators."""
        self._warned: set[str] = set()
        self._observation_warnings: list[str] = []
        """Templates of the warnings about the observation that was read last."""
        with external_call(gym_id, "observation_space"):
            self.observation_space, self.action_space = env.observation_space, env.action_space
            self.unwrapped: Any = env.unwrapped
            self.spec, self.render_mode = env.spec, env.render_mode
        try:
            self.actions = discrete_actions(self.action_space)
            self.reader = reader_for(self.observation_space)
        except ValueError as error:
            raise ExternalEnvFault(f"{gym_id}: {error}") from error

    def reset(self, *, seed: int | None = None) -> list[float]:
        """Begin an episode; return its first observation as D numbers. Raises ExternalEnvFault if it is unusable."""
        if self.rng is not None and seed is not None:
            self.rng.seed(seed)
        try:
            result = self._call("reset", self._env.reset, seed=seed)
        except ExternalEnvFault as fault:
            cause = fault.__cause__
            if isinstance(cause, TypeError) and "'seed'" in str(cause):
                raise ExternalEnvFault(f"{self.id}: reset takes no seed; {RESET} is wanted") from cause
            raise
        if not isinstance(result, SEQUENCE) or len(result) != 2 or not isinstance(result[1], Mapping):
            raise ExternalEnvFault(
                f"{self.id}: reset returned {short_repr(result)}; (observation, info) is wanted, info a dict"
            )
        return self._read("reset", result[0])

    def step(self, action: int) -> tuple[list[float], float, bool, bool]:
        """Act; return the observation as D numbers, the reward, and whether the episode terminated or was truncated.

        Raises ExternalEnvFault if one of them is unusable.
        """
        result = self._call("step", self._env.step, action)
        if not isinstance(result, SEQUENCE) or len(result) != len(STEP):
            count = f"{len(result)} values, " if isinstance(result, SEQUENCE) else ""
            raise ExternalEnvFault(
                f"{self.id}: step returned {count}{short_repr(result)}; {len(STEP)} are wanted: {', '.join(STEP)}"
            )
        observation, reward, terminated, truncated, info = result
        if type(info) is not dict and not isinstance(info, Mapping):
            raise ExternalEnvFault(f"{self.id}: step returned {short_repr(info)} as info; a dict is wanted")
        if terminated is not False:
            terminated = self._checked_flag("terminated", terminated)
        if truncated is not False:
            truncated = self._checked_flag("truncated", truncated)
        return self._read("step", observation), self._checked_reward(reward), terminated, truncated

    def render(self) -> Any:
        """Return the environment's own picture, (height, width, 3) of uint8; None, with a warning, if there is none."""
        if self.render_mode != "rgb_array":
            return None
        try:
            pixels = self._call("render", self._env.render)
        except ExternalEnvFault as fault:
            self._warn(NO_PICTURE, "render", fault.__cause__)
            return None
        if isinstance(pixels, np.ndarray) and pixels.ndim == 3 and pixels.shape[2] >= 3 and pixels.size:
            return pixels
        self._warn(NO_PICTURE, "render", pixels)
        return None

    def _call(self, name: str, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call the environment as `external_call` does, without the cost of its context managers."""
        thread = threading.get_ident()
        active_calls.ACTIVE[thread] = (self.id, name, monotonic())
        try:
            if self._is_trusted or self._unchecked_calls:
                self._unchecked_calls -= 1
                return method(*arguments, **named)
            with self._isolated():
                return method(*arguments, **named)
        except (Exception, SystemExit) as error:
            raise raised(self.id, name, error) from error
        finally:
            active_calls.ACTIVE.pop(thread, None)

    def _isolated(self) -> AbstractContextManager[None]:
        """Return a context in which a call draws from its own generators, or is checked for draws from shared ones."""
        if self.rng is not None:
            return self.rng.installed()
        self._unchecked_calls = CHECK_INTERVAL - 1
        return detect_draws(self._use_own_generators)

    def _use_own_generators(self, names: tuple[str, ...]) -> None:
        """Replace the shared generators of these modules in all later calls."""
        self.rng, self._unchecked_calls = OwnGenerators(names), 0
        warn(SHARED_GENERATORS, world=self.id, generators=", ".join(names))

    def _read(self, call: str, observation: Any) -> list[float]:
        try:
            row = self.reader.read(observation, self._observation_warnings)
        except Unrepresentable as reason:
            space = short_repr(self.observation_space)
            observed = f"{self.id}: {call} observed {short_repr(observation)}, but its space is {space}"
            raise ExternalEnvFault(f"{observed}: {reason}") from None
        if self._observation_warnings:
            for message in self._observation_warnings:
                self._warn(message, call, observation)
            self._observation_warnings.clear()
        return row

    def _warn(self, message: str, call: str, value: Any) -> None:
        if message not in self._warned:
            self._warned.add(message)
            space = short_repr(self.observation_space)
            warn(message, world=self.id, call=call, value=short_repr(value), kind=type_name(value), space=space)

    def _checked_reward(self, reward: Any) -> float:
        if type(reward) is float and isfinite(reward):
            return reward
        is_scalar = not isinstance(reward, (str, bytes)) and getattr(reward, "shape", ()) == ()
        try:
            number = float(reward) if is_scalar else None
        except Exception:  # noqa: BLE001  the conversion runs code of the environment, which may raise anything
            number = None
        if number is None or not isfinite(number):
            raise ExternalEnvFault(
                f"{self.id}: step returned the reward {short_repr(reward)}; one finite number is wanted"
            )
        return number

    def _checked_flag(self, name: str, value: Any) -> bool:
        if isinstance(value, (int, np.bool_, np.integer)) and value in (0, 1):
            return bool(value)
        raise ExternalEnvFault(f"{self.id}: step returned {short_repr(value)} as {name}; True or False is wanted")


def discrete_actions(space: spaces.Space[Any]) -> spaces.Discrete:
    """Return a discrete action space. Raises ValueError for any other space, or for too many actions."""
    if not isinstance(space, spaces.Discrete):
        raise ValueError(f"only environments with Discrete actions have words here, got {short_repr(space)}")
    if space.n > MAX_VALUES:
        raise ValueError(f"up to {MAX_VALUES:,} actions have words here, got {short_repr(space)}")
    return space
