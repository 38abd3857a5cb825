"""Chores: the kinds of goals in a house of several rooms, and the sub-goals that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from envs.household.floor_plan import SINK
from envs.household.instructions import Instruction, Verb
from envs.household.scene import ActKind, HouseScene

ChoreName = Literal["fetch", "store", "wash", "cool", "serve", "tidy", "rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """A kind of goal."""

    verb: Verb
    acts: tuple[ActKind, ...]
    """Acts of the agent besides walking."""
    limit: int
    """Steps before an episode is cut off, unless another limit is chosen: about twice the longest solution."""
    place: str = ""
    """The furniture or room where it is done, for chores with a single one."""
    things: int = 1
    """Number of things that a goal names."""
    aspects: tuple[str, ...] = ()
    """Optional parts of sentences: `sink`, with whether things are clean, or `cold`."""


CHORES: Mapping[ChoreName, Chore] = {
    "fetch": Chore(verb="take", acts=("open", "take"), limit=8),
    "store": Chore(verb="put", acts=("open", "take", "put"), limit=16),
    "wash": Chore(verb="wash", acts=("open", "take", "wash"), limit=16, place="sink", aspects=("sink",)),
    "cool": Chore(verb="cool", acts=("open", "close", "take", "put"), limit=20, place="fridge", aspects=("cold",)),
    "serve": Chore(verb="serve", acts=("open", "close", "take", "put"), limit=28, place="table", aspects=("cold",)),
    "tidy": Chore(verb="put", acts=("open", "take", "put"), limit=32, things=2),
    "rules": Chore(verb="put", acts=("open", "take", "put"), limit=16),
}


@dataclass(frozen=True, slots=True)
class Subgoal:
    """A step towards a goal, which the world checks."""

    instruction: Instruction
    after: tuple[int, ...] = ()
    """Indices of the sub-goals that have to be reached first."""


def subgoals(scene: HouseScene, goals: tuple[Instruction, ...]) -> tuple[Subgoal, ...]:
    """Return the sub-goals from `scene` to `goals`. Those of different goals may be reached in any order."""
    steps: list[Subgoal] = []
    for goal in goals:
        start = len(steps)
        for step in PLANNERS[goal.verb](scene, goal).steps:
            steps.append(Subgoal(step.instruction, tuple(start + index for index in step.after)))
    return tuple(steps)


class _Plan:
    """Builds a sequence of sub-goals, with a walk wherever the next one is in another room."""

    def __init__(self, here: str) -> None:
        self.steps: list[Subgoal] = []
        self._room = here
        self._last: tuple[int, ...] = ()

    def then(self, instruction: Instruction, room: str, *also_after: int) -> _Plan:
        """Append a sub-goal in `room`, which comes after the last one and those of the given indices."""
        if room != self._room:
            self._room = room
            self._add(Instruction("go", place=room))
        return self._add(instruction, *also_after)

    def _add(self, instruction: Instruction, *also_after: int) -> _Plan:
        self.steps.append(Subgoal(instruction, (*self._last, *also_after)))
        self._last = (len(self.steps) - 1,)
        return self


def _take(scene: HouseScene, goal: Instruction) -> _Plan:
    return _fetch(scene, goal.thing, _Plan(scene.here))


def _fetch(scene: HouseScene, thing: str, plan: _Plan) -> _Plan:
    place = scene.place(thing)
    room = scene.room_of(place)
    if scene.is_shut(place):
        plan.then(Instruction("open", place=place), room)
    return plan.then(Instruction("take", thing), room)


def _put(scene: HouseScene, goal: Instruction) -> _Plan:
    """Carry the thing to its place; the place's lid, if any, may be opened at any earlier time."""
    plan = _Plan(scene.here)
    is_closed = scene.is_shut(goal.place)
    if is_closed:
        plan.steps.append(Subgoal(Instruction("open", place=goal.place)))
    put = Instruction("put", goal.thing, goal.place)
    return _fetch(scene, goal.thing, plan).then(put, scene.room_of(goal.place), *((0,) if is_closed else ()))


def _wash(scene: HouseScene, goal: Instruction) -> _Plan:
    return _take(scene, goal).then(goal, SINK)


def _cool(scene: HouseScene, goal: Instruction) -> _Plan:
    plan = _put(scene, Instruction("put", goal.thing, "fridge"))
    return plan.then(Instruction("close", place="fridge"), scene.room_of("fridge"))


def _serve(scene: HouseScene, goal: Instruction) -> _Plan:
    plan = _cool(scene, goal).then(Instruction("open", place="fridge"), scene.room_of("fridge"))
    plan.then(Instruction("take", goal.thing), scene.room_of("fridge"))
    return plan.then(Instruction("put", goal.thing, "table"), scene.room_of("table"))


PLANNERS: Mapping[Verb, Callable[[HouseScene, Instruction], _Plan]] = {
    "take": _take,
    "put": _put,
    "wash": _wash,
    "cool": _cool,
    "serve": _serve,
}
