"""External environments for tests: sound ones, and ones with one defect each at a random step."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

LENGTH = 8
"""Steps of an episode."""
CALLS = 3_300
"""Calls in which a world may break its promise: random play takes 3,000, then come scores and training."""
FREED = threading.Event()
"""Lets every world that hangs come back."""
TYPES = ("float16", "float32", "float64", "int8", "uint8", "int64")

Space = spaces.Space[Any]


@dataclass(frozen=True, slots=True)
class DefectPlan:
    """A world to be: what it shows, what it breaks, and when."""

    name: str
    """Its Gymnasium id."""
    defect: str
    """A row of `DEFECTS`, or nothing."""
    space: Space
    step: int
    """The call, over all copies, that breaks the promise; 0: the making of the first one."""
    is_lasting: bool
    """Whether all later calls break it, too."""


class DrawnWorld(gym.Env[Any, Any]):
    """Shows anything that its space holds, and pays for action 0."""

    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012 - Gymnasium declares it a plain dict
    plan: DefectPlan
    calls = 0

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self.observation_space, self.action_space = self.plan.space, spaces.Discrete(2)
        self.time = 0
        if self._breaks_at(0):
            BIRTHS[self.plan.defect](self)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        """Begin an episode."""
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        self.time = 0
        return self._answer((self._shown(), {}))

    def step(self, action: int) -> Any:
        """Pay for action 0."""
        self.time += 1
        return self._answer((self._shown(), float(action == 0), self.time >= LENGTH, False, {}))

    def render(self) -> Any:
        """Return a grey picture, unless that is what is broken."""
        if self.plan.defect == "render":
            return PICTURES[self.plan.step % len(PICTURES)]()
        return np.full((32, 32, 3), 128, np.uint8)

    def _shown(self) -> Any:
        return self.observation_space.sample()

    def _answer(self, answer: tuple[Any, ...]) -> Any:
        type(self).calls += 1
        return DEFECTS[self.plan.defect].act(self, answer) if self._breaks_at(type(self).calls) else answer

    def _breaks_at(self, call: int) -> bool:
        plan = self.plan
        is_due = call == plan.step or (plan.is_lasting and call > plan.step)
        return bool(plan.defect) and is_due and (call > 0 or plan.defect in BIRTHS)


@dataclass(frozen=True, slots=True)
class Defect:
    """One way to break a promise."""

    act: Callable[[DrawnWorld, tuple[Any, ...]], Any]
    """Returns the answer of a call, spoilt."""
    told: str
    """What must be said besides the world's name, or one of several by `|`; empty: nothing, for it harms nobody."""
    in_window: bool = False
    """Whether only a window meets it."""


def outside(space: Space) -> Any:
    """Return what the space does not hold."""
    match space:
        case spaces.Discrete():
            return int(space.start) - 1
        case spaces.MultiDiscrete():
            return space.start + space.nvec
        case spaces.Tuple():
            return tuple(int(part.start) for part in space.spaces[1:] if isinstance(part, spaces.Discrete))
        case spaces.Box():
            return np.zeros(space.shape[0] + 1, space.dtype)
    raise TypeError(space)


def of_another_type(space: Space) -> Any:
    """Return what the space would hold if it were of its type."""
    match space:
        case spaces.Discrete():
            return float(space.start)
        case spaces.MultiDiscrete():
            return space.start.tolist()
        case spaces.Tuple():
            return np.array([part.start for part in space.spaces if isinstance(part, spaces.Discrete)])
        case spaces.Box():
            return space.low.tolist()
    raise TypeError(space)


def no_number(world: DrawnWorld, answer: tuple[Any, ...]) -> Any:
    """Return the answer with NaN as reward, or shown if there is none."""
    if len(answer) > 2:
        return (answer[0], float("nan"), *answer[2:])
    space = world.observation_space
    return (np.full(space.shape, np.nan) if isinstance(space, spaces.Box) else float("nan"), *answer[1:])


def leave(*_: Any) -> Any:
    """Leave as if the world were the whole program."""
    sys.exit("closed")


def hang(_: DrawnWorld, answer: Any = None) -> Any:
    """Wait for something that does not come."""
    FREED.wait()
    return answer


def draw(_: DrawnWorld, answer: tuple[Any, ...]) -> Any:
    """Draw from generators that all share."""
    np.random.random()
    random.random()
    return answer


def speak(_: DrawnWorld, answer: tuple[Any, ...]) -> Any:
    """Print something."""
    print("episode begins")
    return answer


def grow(world: DrawnWorld) -> None:
    """Have more values than there are words for."""
    vast = (spaces.Discrete(2**31), spaces.MultiDiscrete([2**31, 2]), spaces.Tuple([spaces.Discrete(2**31)]))
    world.observation_space = vast[len(world.plan.name) % len(vast)]


def _nothing() -> NDArray[Any] | None:
    return None


PICTURES: tuple[Callable[[], Any], ...] = (_nothing, leave, lambda: "a picture", lambda: np.zeros((4, 4)))
DEFECTS: Mapping[str, Defect] = {
    "space": Defect(lambda world, answer: (outside(world.observation_space), *answer[1:]), "observed"),
    "dtype": Defect(lambda world, answer: (of_another_type(world.observation_space), *answer[1:]), "observed"),
    "nan": Defect(no_number, "nan"),
    "tuple": Defect(lambda _, answer: answer[:-1], "returned"),
    "exit": Defect(leave, "SystemExit"),
    "hang": Defect(hang, "may hang|has not come back"),
    "generator": Defect(draw, "draws from"),
    "print": Defect(speak, ""),
    "giant": Defect(lambda _, answer: answer, "words here"),
    "render": Defect(lambda _, answer: answer, "render", in_window=True),
}
BIRTHS: Mapping[str, Callable[[DrawnWorld], Any]] = {"exit": leave, "hang": hang, "giant": grow}
"""What breaks while a world is made."""


def planned(seed: int, place: int, *, is_sound: bool = False) -> DefectPlan:
    """Draw a world; each defect comes as often as the others."""
    rng = random.Random(f"{seed} {place} {is_sound}")
    defect = "" if is_sound else list(DEFECTS)[place % len(DEFECTS)]
    step = rng.choice((rng.randint(1, CALLS), rng.randint(1, 20)))
    if defect == "giant" or (defect in BIRTHS and rng.random() < 0.3):
        step = 0
    name = f"{'Sound' if is_sound else 'Broken'}{seed}x{place}-v0"
    is_lasting = defect in ("generator", "giant", "print") or rng.random() < 0.5
    return DefectPlan(name, defect, _space(rng, place), step, is_lasting)


def register(plan: DefectPlan) -> None:
    """Let Gymnasium know the world."""
    kind: Any = type(plan.name.split("-")[0], (DrawnWorld,), {"plan": plan})
    gym.register(plan.name, entry_point=kind)


def _space(rng: random.Random, place: int) -> Space:
    kinds: tuple[Callable[[], Space], ...] = (
        lambda: spaces.Discrete(rng.randint(2, 9), start=rng.randint(-3, 3)),
        lambda: spaces.MultiDiscrete([rng.randint(2, 9) for _ in range(rng.randint(2, 5))]),
        lambda: spaces.Tuple([spaces.Discrete(rng.randint(2, 9)) for _ in range(rng.randint(2, 5))]),
        lambda: spaces.Box(0, rng.randint(1, 100), (rng.randint(1, 6),), np.dtype(rng.choice(TYPES)).type),
    )
    return kinds[(place // len(DEFECTS)) % len(kinds)]()
