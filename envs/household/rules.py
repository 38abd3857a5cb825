"""House rules: where a thing belongs today. A rule is stated in a sentence and holds for one episode."""

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
"""The colour of each thing, which no observation mentions: the agent has to know it."""


def deal_rule(kind: str, thing: str, house: FloorPlan, rng: RandomIntegers) -> tuple[str, str]:
    """Draw a rule; return its sentence and the place where `thing` belongs. Each place is equally likely."""
    places = list(house.places)
    target = places.pop(rng.pick(len(places)))
    if kind == "thing":
        return f"today the {thing} belongs {into(target)}", target
    other = places[rng.pick(len(places))]
    if rng.pick(2):
        return _colour_rule(COLOURS[thing], target, other), target
    other_colours = sorted(set(COLOURS.values()) - {COLOURS[thing]})
    return _colour_rule(other_colours[rng.pick(len(other_colours))], other, target), target


def _colour_rule(colour: str, place: str, elsewhere: str) -> str:
    return f"today {colour} things belong {into(place)} , others {into(elsewhere)}"


def into(place: str) -> str:
    """Return a place with its preposition: `in the drawer`, `on the table`."""
    return f"{FURNITURE[place].preposition} the {place}"


def rule_as_fact(rule: str, goal: Instruction) -> Fact:
    """Return a rule as a fact about the goal's thing; a rule about colours becomes a fact without slots."""
    fact = Fact("today the {thing} belongs {place}", {"thing": goal.thing, "place": into(goal.place)}, "place")
    return fact if fact.sentence == rule else Fact(rule, {}, "")


def is_broken(place: str, goal: Instruction) -> bool:
    """Return whether a thing was put into furniture other than the rule's."""
    return place in FURNITURE and place != goal.place


RULE_WORDS = f"away today the belongs things belong , others note {' '.join(sorted(set(COLOURS.values())))}"
"""Every word of rules, and of their goals, besides the names of things and places."""
