"""Chores: what is asked for in a house of several rooms, and the sub-goals that lead there."""

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
    """One kind of request."""

    verb: Verb
    acts: tuple[ActKind, ...]
    """What the agent can do beside walking."""
    limit: int
    """Steps before an episode is cut off, unless another limit is chosen: about twice the longest solution."""
    place: str = ""
    """Where it is done, for requests that have but one place."""
    things: int = 1
    """How many things are asked for at once."""
    aspects: tuple[str, ...] = ()
    """What sentences tell beside the usual: the `sink` and what is clean, or what is `cold`."""


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
    """One step on the way, checked by the world."""

    instruction: Instruction
    after: tuple[int, ...] = ()
    """The sub-goals, by number, before which it does not count."""


def subgoals(scene: HouseScene, goals: tuple[Instruction, ...]) -> tuple[Subgoal, ...]:
    """Return what leads from `scene` to `goals`. Those of different goals may be reached in any order."""
    found: list[Subgoal] = []
    for goal in goals:
        start = len(found)
        for step in WAYS[goal.verb](scene, goal).found:
            found.append(Subgoal(step.instruction, tuple(start + number for number in step.after)))
    return tuple(found)


class _Way:
    """Sub-goals in the making, one after the other; in between, one goes to the room of the next."""

    def __init__(self, here: str) -> None:
        self.found: list[Subgoal] = []
        self._room = here
        self._last: tuple[int, ...] = ()

    def then(self, asked: Instruction, room: str, *also_after: int) -> _Way:
        """Add what is done in `room`."""
        if room != self._room:
            self._room = room
            self._add(Instruction("go", place=room))
        return self._add(asked, *also_after)

    def _add(self, asked: Instruction, *also_after: int) -> _Way:
        self.found.append(Subgoal(asked, (*self._last, *also_after)))
        self._last = (len(self.found) - 1,)
        return self


def _take(scene: HouseScene, goal: Instruction) -> _Way:
    return _fetch(scene, goal.thing, _Way(scene.here))


def _fetch(scene: HouseScene, thing: str, way: _Way) -> _Way:
    place = scene.place(thing)
    room = scene.room_of(place)
    if scene.shut(place):
        way.then(Instruction("open", place=place), room)
    return way.then(Instruction("take", thing), room)


def _put(scene: HouseScene, goal: Instruction) -> _Way:
    """Carry it there. The lid of where it comes to can be opened at any time before."""
    way = _Way(scene.here)
    lid = scene.shut(goal.place)
    if lid:
        way.found.append(Subgoal(Instruction("open", place=goal.place)))
    put = Instruction("put", goal.thing, goal.place)
    return _fetch(scene, goal.thing, way).then(put, scene.room_of(goal.place), *((0,) if lid else ()))


def _wash(scene: HouseScene, goal: Instruction) -> _Way:
    return _take(scene, goal).then(goal, SINK)


def _cool(scene: HouseScene, goal: Instruction) -> _Way:
    way = _put(scene, Instruction("put", goal.thing, "fridge"))
    return way.then(Instruction("close", place="fridge"), scene.room_of("fridge"))


def _serve(scene: HouseScene, goal: Instruction) -> _Way:
    way = _cool(scene, goal).then(Instruction("open", place="fridge"), scene.room_of("fridge"))
    way.then(Instruction("take", goal.thing), scene.room_of("fridge"))
    return way.then(Instruction("put", goal.thing, "table"), scene.room_of("table"))


WAYS: Mapping[Verb, Callable[[HouseScene, Instruction], _Way]] = {
    "take": _take,
    "put": _put,
    "wash": _wash,
    "cool": _cool,
    "serve": _serve,
}
