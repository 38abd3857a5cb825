"""Chores: what is asked for in a house of several rooms, and the sub-goals that lead there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from envs.household_instructions import Instruction, Verb
from envs.household_scene import Deed, Scene

ChoreName = Literal["fetch", "store", "wash", "cool", "serve", "tidy", "rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """One kind of request."""

    verb: Verb
    deeds: tuple[Deed, ...]
    """What the agent can do beside walking."""
    limit: int
    """Steps before an episode is cut off, unless another limit is chosen: about twice the longest solution."""
    place: str = ""
    """Where it is done, for requests that have but one place."""
    things: int = 1
    """How many things are asked for at once."""
    states: tuple[str, str] = ("", "")
    """How sentences call the thing before and after."""


CHORES: Mapping[ChoreName, Chore] = {
    "fetch": Chore(verb="take", deeds=("open", "take"), limit=8),
    "store": Chore(verb="put", deeds=("open", "take", "put"), limit=16),
    "wash": Chore(verb="wash", deeds=("open", "take", "wash"), limit=16, place="sink", states=(" dirty", " clean")),
    "cool": Chore(
        verb="cool", deeds=("open", "close", "take", "put"), limit=20, place="fridge", states=(" warm", " cold")
    ),
    "serve": Chore(
        verb="serve", deeds=("open", "close", "take", "put"), limit=28, place="table", states=(" warm", " cold")
    ),
    "tidy": Chore(verb="put", deeds=("open", "take", "put"), limit=32, things=2),
    "rules": Chore(verb="put", deeds=("open", "take", "put"), limit=16),
}


@dataclass(frozen=True, slots=True)
class Subgoal:
    """One step on the way, checked by the world."""

    instruction: Instruction
    after: tuple[int, ...] = ()
    """The sub-goals, by number, before which it does not count."""


def subgoals(scene: Scene, goals: tuple[Instruction, ...]) -> tuple[Subgoal, ...]:
    """Return what leads from `scene` to `goals`. Those of different goals may be reached in any order."""
    found: list[Subgoal] = []
    for goal in goals:
        start = len(found)
        for step in WAYS[goal.verb](scene, goal):
            found.append(Subgoal(step.instruction, tuple(start + number for number in step.after)))
    return tuple(found)


def _take(scene: Scene, goal: Instruction) -> list[Subgoal]:
    return _chain(scene, goal.thing, "", Instruction("take", goal.thing))


def _put(scene: Scene, goal: Instruction) -> list[Subgoal]:
    return _chain(scene, goal.thing, goal.place, Instruction("take", goal.thing), goal)


def _wash(scene: Scene, goal: Instruction) -> list[Subgoal]:
    return _chain(scene, goal.thing, "", Instruction("take", goal.thing), goal)


def _cool(scene: Scene, goal: Instruction) -> list[Subgoal]:
    take, put = Instruction("take", goal.thing), Instruction("put", goal.thing, "fridge")
    return _chain(scene, goal.thing, "fridge", take, put, Instruction("close", place="fridge"))


def _serve(scene: Scene, goal: Instruction) -> list[Subgoal]:
    way = _cool(scene, goal)
    last = Instruction("put", goal.thing, "table")
    for step in (Instruction("open", place="fridge"), Instruction("take", goal.thing), last):
        way.append(Subgoal(step, (len(way) - 1,)))
    return way


def _chain(scene: Scene, thing: str, into: str, *steps: Instruction) -> list[Subgoal]:
    """Open what is shut, in any order, and then one step after the other."""
    lids = [place for place in dict.fromkeys((scene.place(thing), into)) if scene.shut(place)]
    way = [Subgoal(Instruction("open", place=place)) for place in lids]
    for step in steps:
        before = range(len(lids)) if len(way) == len(lids) else (len(way) - 1,)
        way.append(Subgoal(step, tuple(before)))
    return way


WAYS: Mapping[Verb, Callable[[Scene, Instruction], list[Subgoal]]] = {
    "take": _take,
    "put": _put,
    "wash": _wash,
    "cool": _cool,
    "serve": _serve,
}
