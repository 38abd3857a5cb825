"""Generated environments: without a defect, or with one that shows at a random step."""

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
"""Calls among which the first defective one is drawn: random play takes 3,000, then follow evaluation and training."""
RELEASED = threading.Event()
"""Ends all hangs when it is set."""
TYPES = ("float16", "float32", "float64", "int8", "uint8", "int64")

Space = spaces.Space[Any]


@dataclass(frozen=True, slots=True)
class DefectPlan:
    """The observation space of a world, its defect, and the step at which it shows."""

    name: str
    """Its Gymnasium id."""
    defect: str
    """A key of `DEFECTS`, or empty."""
    space: Space
    step: int
    """The first defective call of `reset` or `step`, counted over all copies; 0: the constructor."""
    is_lasting: bool
    """Whether all later calls are defective, too."""


class GeneratedWorld(gym.Env[Any, Any]):
    """Observations are random samples of the space; action 0 is rewarded."""

    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012 - Gymnasium declares it a plain dict
    plan: DefectPlan
    calls = 0

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self.observation_space, self.action_space = self.plan.space, spaces.Discrete(2)
        self.time = 0
        if self._is_defective(0):
            CONSTRUCTION_DEFECTS[self.plan.defect](self)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        """Begin an episode."""
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        self.time = 0
        return self._returned((self.observation_space.sample(), {}))

    def step(self, action: int) -> Any:
        """Reward action 0."""
        self.time += 1
        return self._returned((self.observation_space.sample(), float(action == 0), self.time >= LENGTH, False, {}))

    def render(self) -> Any:
        """Return a grey picture, or an invalid one if that is the defect."""
        if self.plan.defect == "render":
            return PICTURES[self.plan.step % len(PICTURES)]()
        return np.full((32, 32, 3), 128, np.uint8)

    def _returned(self, result: tuple[Any, ...]) -> Any:
        type(self).calls += 1
        return DEFECTS[self.plan.defect].apply(self, result) if self._is_defective(type(self).calls) else result

    def _is_defective(self, call: int) -> bool:
        plan = self.plan
        is_reached = call == plan.step or (plan.is_lasting and call > plan.step)
        return bool(plan.defect) and is_reached and (call > 0 or plan.defect in CONSTRUCTION_DEFECTS)


@dataclass(frozen=True, slots=True)
class Defect:
    """One way to break the interface of an environment."""

    apply: Callable[[GeneratedWorld, tuple[Any, ...]], Any]
    """From the world and the correct result of a call to the defective result."""
    message: str
    """Text that must be reported with the world's name, or alternatives separated by `|`; empty: harmless."""
    in_window: bool = False
    """Whether it shows only in a window."""


def outside(space: Space) -> Any:
    """Return a value of the right Python type, but out of the bounds or of another length than the space's."""
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
    """Return a value that is numerically in the space, but of another Python type, such as 0.0 for 0."""
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


def with_nan(world: GeneratedWorld, result: tuple[Any, ...]) -> Any:
    """Return the result of `step` with NaN as reward, or that of `reset` with NaN as observation."""
    if len(result) > 2:
        return (result[0], float("nan"), *result[2:])
    space = world.observation_space
    return (np.full(space.shape, np.nan) if isinstance(space, spaces.Box) else float("nan"), *result[1:])


def exit_program(*_: Any) -> Any:
    """Exit as if the world were the whole program."""
    sys.exit("closed")


def hang(_: GeneratedWorld, result: Any = None) -> Any:
    """Block until `RELEASED` is set."""
    RELEASED.wait()
    return result


def use_global_generators(_: GeneratedWorld, result: tuple[Any, ...]) -> Any:
    """Draw from the global generators of the process."""
    np.random.random()
    random.random()
    return result


def print_line(_: GeneratedWorld, result: tuple[Any, ...]) -> Any:
    """Print a line to stdout."""
    print("episode begins")
    return result


def enlarge_space(world: GeneratedWorld) -> None:
    """Replace the space by one with more values than there can be words."""
    spaces_ = (spaces.Discrete(2**31), spaces.MultiDiscrete([2**31, 2]), spaces.Tuple([spaces.Discrete(2**31)]))
    world.observation_space = spaces_[len(world.plan.name) % len(spaces_)]


def _nothing() -> NDArray[Any] | None:
    return None


PICTURES: tuple[Callable[[], Any], ...] = (_nothing, exit_program, lambda: "a picture", lambda: np.zeros((4, 4)))
DEFECTS: Mapping[str, Defect] = {
    "space": Defect(lambda world, result: (outside(world.observation_space), *result[1:]), "observed"),
    "dtype": Defect(lambda world, result: (of_another_type(world.observation_space), *result[1:]), "observed"),
    "nan": Defect(with_nan, "nan"),
    "tuple": Defect(lambda _, result: result[:-1], "returned"),
    "exit": Defect(exit_program, "SystemExit"),
    "hang": Defect(hang, "may hang|has not come back"),
    "generator": Defect(use_global_generators, "draws from"),
    "print": Defect(print_line, ""),
    "giant": Defect(lambda _, result: result, "words here"),
    "render": Defect(lambda _, result: result, "render", in_window=True),
}
CONSTRUCTION_DEFECTS: Mapping[str, Callable[[GeneratedWorld], Any]] = {
    "exit": exit_program,
    "hang": hang,
    "giant": enlarge_space,
}
"""Defects that may show in the constructor."""


def plan_world(seed: int, index: int, *, is_intact: bool = False) -> DefectPlan:
    """Draw a world; the defects follow in turn, so that each is equally frequent."""
    rng = random.Random(f"{seed} {index} {is_intact}")
    defect = "" if is_intact else list(DEFECTS)[index % len(DEFECTS)]
    step = rng.choice((rng.randint(1, CALLS), rng.randint(1, 20)))
    if defect == "giant" or (defect in CONSTRUCTION_DEFECTS and rng.random() < 0.3):
        step = 0
    name = f"{'Sound' if is_intact else 'Broken'}{seed}x{index}-v0"
    is_lasting = defect in ("generator", "giant", "print") or rng.random() < 0.5
    return DefectPlan(name, defect, _space(rng, index), step, is_lasting)


def register(plan: DefectPlan) -> None:
    """Register the world with Gymnasium."""
    kind: Any = type(plan.name.split("-")[0], (GeneratedWorld,), {"plan": plan})
    gym.register(plan.name, entry_point=kind)


def _space(rng: random.Random, index: int) -> Space:
    kinds: tuple[Callable[[], Space], ...] = (
        lambda: spaces.Discrete(rng.randint(2, 9), start=rng.randint(-3, 3)),
        lambda: spaces.MultiDiscrete([rng.randint(2, 9) for _ in range(rng.randint(2, 5))]),
        lambda: spaces.Tuple([spaces.Discrete(rng.randint(2, 9)) for _ in range(rng.randint(2, 5))]),
        lambda: spaces.Box(0, rng.randint(1, 100), (rng.randint(1, 6),), np.dtype(rng.choice(TYPES)).type),
    )
    return kinds[(index // len(DEFECTS)) % len(kinds)]()
