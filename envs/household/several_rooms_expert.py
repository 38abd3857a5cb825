"""A scripted expert that does every chore in a house of several rooms in the fewest steps.

It sees the whole house and knows the rule, so that its results are an upper bound for agents that don't.
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
    return world.acts.index(solution(_relevant_scene(world), world.goals, len(world.house.rooms))[0])


def best(world: HouseholdRooms) -> tuple[int, ...]:
    """Return every action that begins a shortest solution, in order."""
    return tuple(sorted(map(world.acts.index, first_acts(_relevant_scene(world), world.goals, len(world.house.rooms)))))


def _relevant_scene(world: HouseholdRooms) -> HouseScene:
    """Return the scene without the things that no goal names."""
    targets = {goal.thing for goal in world.goals}
    return replace(world.scene, where=tuple((thing, place) for thing, place in world.scene.where if thing in targets))


@lru_cache(maxsize=50_000)
def solution(scene: HouseScene, goals: Goals, rooms: int) -> tuple[Act, ...]:
    """Return a shortest sequence of acts that fulfils all `goals`, by breadth-first search."""
    house = plan(rooms)
    acts = _useful_acts(scene, goals, house)
    before: dict[HouseScene, tuple[HouseScene, Act] | None] = {scene: None}  # each scene's predecessor on the path
    queue = deque([scene])
    while queue:
        current = queue.popleft()
        if all(fulfils(current, goal) for goal in goals):
            return _path(before, current)
        for act in acts:
            after = perform(current, house, act)
            if after not in before:
                before[after] = (current, act)
                queue.append(after)
    raise _unsolvable(goals)


@lru_cache(maxsize=50_000)
def first_acts(scene: HouseScene, goals: Goals, rooms: int) -> frozenset[Act]:
    """Return the first acts of all shortest solutions, by breadth-first search.

    `level` maps each scene at the current depth to the first acts of all shortest paths to it.
    """
    house = plan(rooms)
    acts = _useful_acts(scene, goals, house)
    known, level = {scene}, {scene: frozenset[Act]()}
    while level:
        if ends := [first_of for current, first_of in level.items() if all(fulfils(current, goal) for goal in goals)]:
            return frozenset().union(*ends)
        after: dict[HouseScene, frozenset[Act]] = {}
        for current, first_of in level.items():
            for act in acts:
                if (then := perform(current, house, act)) not in known:
                    after[then] = after.get(then, frozenset()) | (first_of or {act})
        known, level = known | after.keys(), after
    raise _unsolvable(goals)


def _unsolvable(goals: Goals) -> ValueError:
    goal_text = " and ".join(goal.text() for goal in goals)
    return ValueError(f"no acts lead to {goal_text!r}; is the thing in the house?")


def _path(before: dict[HouseScene, tuple[HouseScene, Act] | None], end: HouseScene) -> tuple[Act, ...]:
    acts = []
    while (step := before[end]) is not None:
        end, act = step
        acts.append(act)
    return tuple(reversed(acts))


def _useful_acts(scene: HouseScene, goals: Goals, house: FloorPlan) -> tuple[Act, ...]:
    """Return the acts that shortest solutions consist of: no other furniture or things are needed."""
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
