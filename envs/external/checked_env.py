"""The guard around other people's worlds: what comes from one is checked against what it declares, at one place.

What cannot be said or learned from is a `ExternalEnvFault`; what is odd but can be said is a remark, made once a world.
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
from envs.external.global_generators import OwnGenerators, noticed
from envs.external.observations import BEYOND, MOST_VALUES, OTHER_TYPE, Unrepresentable, kind, reader, shown

AnyEnv = gym.Env[Any, Any]
NO_PICTURE = "{world}: {call} brought {value} and no picture; its name is shown instead. This is said once."
NO_MODE = "{world} names rgb_array among its render modes, but takes no render_mode; it is shown without a picture."
SHARED_GENERATORS = (
    "{world} draws from {generators}, which a whole process shares: it gets generators of its own, seeded by the run, "
    "but going on with it later can't be exact. Said once."
)
SAMPLED = 64
"""Of so many calls, one is watched for draws from shared generators: looking costs as much as a few steps."""
WARNING_TEMPLATES = (OTHER_TYPE, BEYOND, NO_PICTURE, NO_MODE, SHARED_GENERATORS)
"""Every remark that is ever made, as templates."""
RESET = "reset(*, seed=None, options=None)"
ROW = (tuple, list)
STEP = ("observation", "reward", "terminated", "truncated", "info")


class ExternalEnvFault(ValueError):
    """Somebody's world raised, or brought what can't be taken; the text names the world, the call and the value."""


@dataclass(frozen=True, slots=True)
class EnvWarning:
    """Something odd about a world that goes on: `message.format(**arguments)`."""

    message: str
    arguments: Mapping[str, str]

    @property
    def about(self) -> tuple[str, str]:
        """The world, and what is odd about it: of equal ones, one is enough."""
        return self.arguments["world"], self.message


class _Warnings(threading.local):
    """Remarks of the worlds that a thread lives in."""

    def __init__(self) -> None:
        self.warnings: list[EnvWarning] = []


_WARNED = _Warnings()


def take_warnings() -> list[EnvWarning]:
    """Return, and forget, what was odd about the worlds that the calling thread has lived in."""
    said, _WARNED.warnings = _WARNED.warnings, []
    return said


def warn(message: str, **arguments: str) -> None:
    """Note something odd, for whoever asks for `take_warnings`."""
    _WARNED.warnings.append(EnvWarning(message, arguments))


@contextmanager
def external_call(world: str, call: str) -> Iterator[None]:
    """Mark that this thread is in a call of somebody's world. Raises GuestFault for whatever that raises.

    `sys.exit` in a world is an error of that world, not the end of the lab.
    """
    try:
        with active_calls.within(world, call):
            yield
    except (ExternalEnvFault, gym.error.UnregisteredEnv):
        raise
    except (Exception, SystemExit) as error:
        raise raised(world, call, error) from error


def raised(world: str, call: str, error: BaseException) -> ExternalEnvFault:
    """Return what is said of an error that a call of a world raised."""
    return ExternalEnvFault(f"{world}: {call} raised {type(error).__name__}: {error}".removesuffix(": "))


class CheckedEnv:
    """Somebody's environment, held to what it declares; observations are rows of numbers.

    Raises GuestFault where it has no words for its spaces, and from then on wherever it breaks its word.
    """

    def __init__(self, gym_id: str, env: AnyEnv, rng: OwnGenerators | None = None, *, is_trusted: bool = False) -> None:
        self.id, self._env = gym_id, env
        self.rng, self._is_trusted = rng, is_trusted
        """In place of the shared generators, for a world that draws from them; a trusted one never does."""
        self._plain = 0
        """Calls until the next one that is watched."""
        self._warned: set[str] = set()
        self._odd: list[str] = []
        """What was odd about the observation that was read last."""
        with external_call(gym_id, "observation_space"):
            self.observation_space, self.action_space = env.observation_space, env.action_space
            self.unwrapped: Any = env.unwrapped
            self.spec, self.render_mode = env.spec, env.render_mode
        try:
            self.actions = choices(self.action_space)
            self.reader = reader(self.observation_space)
        except ValueError as error:
            raise ExternalEnvFault(f"{gym_id}: {error}") from error

    def reset(self, *, seed: int | None = None) -> list[float]:
        """Begin an episode and return the first observation's numbers."""
        if self.rng is not None and seed is not None:
            self.rng.seed(seed)
        try:
            answer = self._call("reset", self._env.reset, seed=seed)
        except ExternalEnvFault as fault:
            cause = fault.__cause__
            if isinstance(cause, TypeError) and "'seed'" in str(cause):
                raise ExternalEnvFault(f"{self.id}: reset takes no seed; {RESET} is wanted") from cause
            raise
        if not isinstance(answer, ROW) or len(answer) != 2 or not isinstance(answer[1], Mapping):
            raise ExternalEnvFault(
                f"{self.id}: reset returned {shown(answer)}; (observation, info) is wanted, info a dict"
            )
        return self._read("reset", answer[0])

    def step(self, action: int) -> tuple[list[float], float, bool, bool]:
        """Act; return the observation's numbers, the reward, and whether the episode terminated or was truncated."""
        answer = self._call("step", self._env.step, action)
        if not isinstance(answer, ROW) or len(answer) != len(STEP):
            count = f"{len(answer)} values, " if isinstance(answer, ROW) else ""
            raise ExternalEnvFault(
                f"{self.id}: step returned {count}{shown(answer)}; {len(STEP)} are wanted: {', '.join(STEP)}"
            )
        observation, reward, terminated, truncated, info = answer
        if type(info) is not dict and not isinstance(info, Mapping):
            raise ExternalEnvFault(f"{self.id}: step returned {shown(info)} as info; a dict is wanted")
        if terminated is not False:
            terminated = self._flag("terminated", terminated)
        if truncated is not False:
            truncated = self._flag("truncated", truncated)
        return self._read("step", observation), self._paid(reward), terminated, truncated

    def render(self) -> Any:
        """Return the environment's own picture, (height, width, 3) of uint8; None, with a remark, if there is none."""
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
        """Call the environment, as `external_call` does, at less cost."""
        thread = threading.get_ident()
        active_calls.INSIDE[thread] = (self.id, name, monotonic())
        try:
            if self._is_trusted or self._plain:
                self._plain -= 1
                return method(*arguments, **named)
            with self._apart():
                return method(*arguments, **named)
        except (Exception, SystemExit) as error:
            raise raised(self.id, name, error) from error
        finally:
            active_calls.INSIDE.pop(thread, None)

    def _apart(self) -> AbstractContextManager[None]:
        """Return within what a call is made so that it shares no generator with anybody."""
        if self.rng is not None:
            return self.rng.thrown()
        self._plain = SAMPLED - 1
        return noticed(self._draw)

    def _draw(self, names: tuple[str, ...]) -> None:
        """Know from now on that the world draws from shared generators."""
        self.rng, self._plain = OwnGenerators(names), 0
        warn(SHARED_GENERATORS, world=self.id, generators=", ".join(names))

    def _read(self, call: str, observation: Any) -> list[float]:
        try:
            row = self.reader.numbers(observation, self._odd)
        except Unrepresentable as wanted:
            said = f"{self.id}: {call} observed {shown(observation)}, but its space is {shown(self.observation_space)}"
            raise ExternalEnvFault(f"{said}: {wanted}") from None
        if self._odd:
            for message in self._odd:
                self._warn(message, call, observation)
            self._odd.clear()
        return row

    def _warn(self, message: str, call: str, value: Any) -> None:
        if message not in self._warned:
            self._warned.add(message)
            space = shown(self.observation_space)
            warn(message, world=self.id, call=call, value=shown(value), kind=kind(value), space=space)

    def _paid(self, reward: Any) -> float:
        if type(reward) is float and isfinite(reward):
            return reward
        is_scalar = not isinstance(reward, (str, bytes)) and getattr(reward, "shape", ()) == ()
        try:
            number = float(reward) if is_scalar else None
        except Exception:  # noqa: BLE001  whatever somebody's object raises when it is converted
            number = None
        if number is None or not isfinite(number):
            raise ExternalEnvFault(f"{self.id}: step returned the reward {shown(reward)}; one finite number is wanted")
        return number

    def _flag(self, name: str, value: Any) -> bool:
        if isinstance(value, (int, np.bool_, np.integer)) and value in (0, 1):
            return bool(value)
        raise ExternalEnvFault(f"{self.id}: step returned {shown(value)} as {name}; True or False is wanted")


def choices(space: spaces.Space[Any]) -> spaces.Discrete:
    """Return an action space that is a list of actions. Raises ValueError if it is anything else, or too long."""
    if not isinstance(space, spaces.Discrete):
        raise ValueError(f"only environments with Discrete actions have words here, got {shown(space)}")
    if space.n > MOST_VALUES:
        raise ValueError(f"up to {MOST_VALUES:,} actions have words here, got {shown(space)}")
    return space
