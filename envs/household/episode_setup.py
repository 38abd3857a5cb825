"""The start of an episode in a house of several rooms: its goals, and where everything is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from envs.household.chores import CHORES, ChoreName
from envs.household.combinations import combinations
from envs.household.floor_plan import CARRIED, FloorPlan, plan
from envs.household.instructions import Instruction
from envs.household.rules import deal_rule
from envs.household.scene import HouseScene, chilled
from envs.options import ChoreOptions, RoomsOptions, RulesOptions
from envs.random_integers import RandomIntegers


@dataclass(frozen=True, slots=True)
class EpisodeSetup:
    """The start of an episode."""

    scene: HouseScene
    goals: tuple[Instruction, ...]
    rule: str = ""
    """The rule of the house as a sentence, if there is one."""

    def as_data(self) -> dict[str, Any]:
        """Return the setup as JSON data."""
        goals = [asdict(goal) for goal in self.goals]
        return {"scene": self.scene.as_data(), "goals": goals, "rule": self.rule}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the setup that `as_data` described."""
        goals = tuple(Instruction(**goal) for goal in data["goals"])
        return cls(HouseScene.from_data(data["scene"]), goals, data["rule"])


def set_up_episode(chore: ChoreName, options: RoomsOptions, rng: RandomIntegers) -> EpisodeSetup:
    """Draw the goals, the positions of all things, open lids, and the room of the agent."""
    house = plan(options.rooms)
    if isinstance(options, RulesOptions):
        thing = CARRIED[rng.pick(len(CARRIED))]
        rule, place = deal_rule(options.rule, thing, house, rng)
        rule_goals = (Instruction("put", thing, place),)
        # things start on a floor: one that starts in its place would need no rule
        return EpisodeSetup(_draw_scene(rule_goals, house, house.rooms, options.distractors, rng), rule_goals, rule)
    goals = _draw_goals(chore, options, house, rng)
    return EpisodeSetup(_draw_scene(goals, house, (*house.rooms, *house.places), options.distractors, rng), goals)


def _draw_goals(
    chore: ChoreName, options: RoomsOptions, house: FloorPlan, rng: RandomIntegers
) -> tuple[Instruction, ...]:
    row = CHORES[chore]
    split = options.split if isinstance(options, ChoreOptions) else "all"
    pairs = list(combinations((row.place,) if row.place else house.places, split))
    goals: list[Instruction] = []
    for _ in range(row.things):
        thing, place = pairs[rng.pick(len(pairs))]
        goals.append(Instruction(row.verb, thing, place if row.verb == "put" else ""))
        pairs = [pair for pair in pairs if pair[0] != thing]
    return tuple(goals)


def _draw_scene(
    goals: tuple[Instruction, ...], house: FloorPlan, places: tuple[str, ...], distractors: int, rng: RandomIntegers
) -> HouseScene:
    where = {}
    for goal in goals:
        taken = {"cool": ("fridge",), "serve": ("fridge", "table")}.get(goal.verb, (goal.place,))
        free = [place for place in places if place not in taken]
        where[goal.thing] = free[rng.pick(len(free))]
    others = [thing for thing in CARRIED if thing not in where]
    everywhere = (*house.rooms, *house.places)
    for _ in range(distractors):
        where[others.pop(rng.pick(len(others)))] = everywhere[rng.pick(len(everywhere))]
    opened = frozenset(lid for lid in house.lids if rng.pick(3) == 0)
    here = house.rooms[rng.pick(len(house.rooms))]
    return chilled(HouseScene(here, tuple(where.items()), opened))
