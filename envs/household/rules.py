"""House rules: where a thing belongs today. A rule is told in a sentence and holds for one episode."""

from __future__ import annotations

from collections.abc import Mapping

from envs import Fact
from envs.household.floor_plan import FURNITURE, FloorPlan
from envs.household.instructions import Instruction
from envs.random_integers import RandomIntegers

COLOURS: Mapping[str, str] = {
    "apple": "red",
    "milk": "white",
    "cup": "green",
    "ball": "violet",
    "pear": "green",
    "book": "violet",
}
"""The colour of each thing: nobody says it, one has to know."""


def deal_rule(kind: str, thing: str, house: FloorPlan, rng: RandomIntegers) -> tuple[str, str]:
    """Return the sentence of a new rule, and the place where it wants `thing`; each place is equally likely."""
    places = list(house.places)
    right = places.pop(rng.pick(len(places)))
    if kind == "thing":
        return f"today the {thing} belongs {into(right)}", right
    other = places[rng.pick(len(places))]
    if rng.pick(2):
        return _of_colours(COLOURS[thing], right, other), right
    strange = sorted(set(COLOURS.values()) - {COLOURS[thing]})
    return _of_colours(strange[rng.pick(len(strange))], other, right), right


def _of_colours(colour: str, place: str, elsewhere: str) -> str:
    return f"today {colour} things belong {into(place)} , others {into(elsewhere)}"


def into(place: str) -> str:
    """Say where a thing is put: `in the drawer`, `on the table`."""
    return f"{FURNITURE[place].preposition} the {place}"


def rule_as_fact(rule: str, goal: Instruction) -> Fact:
    """Return what a rule says of the thing that is asked for; one about colours says it in no form that others have."""
    named = Fact("today the {thing} belongs {place}", {"thing": goal.thing, "place": into(goal.place)}, "place")
    return named if named.sentence == rule else Fact(rule, {}, "")


def is_broken(scene_place: str, goal: Instruction) -> bool:
    """Whether a thing was put where the rule does not want it."""
    return scene_place in FURNITURE and scene_place != goal.place


RULE_WORDS = f"away today the belongs things belong , others note {' '.join(sorted(set(COLOURS.values())))}"
"""Every word of a rule, and of what is asked under one, beside the names of things and places."""
