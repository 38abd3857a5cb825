"""A scripted player that does every chore in a house of several rooms in as few steps as possible.

It sees the whole house and knows the rule, told or not: what is best is the measure of those who don't.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from functools import lru_cache

from envs.household.direction_words import DIRECTION_WORDS
from envs.household.floor_plan import FloorPlan, plan
from envs.household.instructions import Instruction
from envs.household.scene import Act, ActKind, HouseScene, fulfils, perform
from envs.household.several_rooms import HouseholdRooms

Goals = tuple[Instruction, ...]


def expert(world: HouseholdRooms) -> int:
    """Return the next action of a shortest solution."""
    return world.acts.index(solution(_asked_for(world), world.goals, len(world.house.rooms))[0])


def best(world: HouseholdRooms) -> tuple[int, ...]:
    """Return every action that begins a shortest solution, in order."""
    return tuple(sorted(map(world.acts.index, openings(_asked_for(world), world.goals, len(world.house.rooms)))))


def _asked_for(world: HouseholdRooms) -> HouseScene:
    """Return how things stand, but for those that nobody asks for."""
    asked = {goal.thing for goal in world.goals}
    return replace(world.scene, where=tuple((thing, place) for thing, place in world.scene.where if thing in asked))


@lru_cache(maxsize=50_000)
def solution(scene: HouseScene, goals: Goals, rooms: int) -> tuple[Act, ...]:
    """Return a shortest row of acts that fulfils all `goals`, found breadth first; nothing if they are fulfilled."""
    house = plan(rooms)
    acts = _useful(scene, goals, house)
    before: dict[HouseScene, tuple[HouseScene, Act] | None] = {scene: None}
    waiting = deque([scene])
    while waiting:
        now = waiting.popleft()
        if all(fulfils(now, goal) for goal in goals):
            return _way(before, now)
        for act in acts:
            after = perform(now, house, act)
            if after not in before:
                before[after] = (now, act)
                waiting.append(after)
    raise _lost(goals)


@lru_cache(maxsize=50_000)
def openings(scene: HouseScene, goals: Goals, rooms: int) -> frozenset[Act]:
    """Return the first acts of all shortest rows that fulfil `goals`: those that lead to a scene add up by levels."""
    house = plan(rooms)
    acts = _useful(scene, goals, house)
    known, level = {scene}, {scene: frozenset[Act]()}
    while level:
        if ends := [first for now, first in level.items() if all(fulfils(now, goal) for goal in goals)]:
            return frozenset().union(*ends)
        after: dict[HouseScene, frozenset[Act]] = {}
        for now, first in level.items():
            for act in acts:
                if (then := perform(now, house, act)) not in known:
                    after[then] = after.get(then, frozenset()) | (first or {act})
        known, level = known | after.keys(), after
    raise _lost(goals)


def _lost(goals: Goals) -> ValueError:
    said = " and ".join(goal.text() for goal in goals)
    return ValueError(f"no way leads to {said!r}; is the thing in the house?")


def _way(before: dict[HouseScene, tuple[HouseScene, Act] | None], end: HouseScene) -> tuple[Act, ...]:
    acts = []
    while (step := before[end]) is not None:
        end, act = step
        acts.append(act)
    return tuple(reversed(acts))


def _useful(scene: HouseScene, goals: Goals, house: FloorPlan) -> tuple[Act, ...]:
    """Return the acts that a shortest solution can be made of: other furniture and things need not be touched."""
    acts: dict[ActKind, list[str]] = {"open": [], "close": [], "put": [], "take": [], "wash": []}
    for goal in goals:
        acts["take"].append(goal.thing)
        places = {"put": [goal.place], "cool": ["fridge"], "serve": ["fridge", "table"]}.get(goal.verb, [])
        acts["put"] += places
        acts["open"] += [place for place in (*places, scene.place(goal.thing)) if place in house.lids]
        acts["close"] += ["fridge"] if goal.verb in ("cool", "serve") else []
        acts["wash"] += [""] if goal.verb == "wash" else []
    walks = [Act("walk", direction=direction) for direction in range(len(DIRECTION_WORDS))]
    return (*walks, *(Act(kind, name) for kind, names in acts.items() for name in dict.fromkeys(names)))
