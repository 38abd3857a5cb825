"""What the four direction words mean in each house."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Literal

DIRECTION_WORDS = ("north", "east", "south", "west")
"""What the agent can say. In a plain house word i leads in direction i: up, right, down, left."""

Speech = Literal["plain", "mirror", "turned", "words"]
Meanings = tuple[int, ...]
"""For each direction word, the direction it leads in."""

MEMBERS: tuple[Meanings, ...] = tuple(permutations(range(4)))
"""All 24 ways to deal out the directions among the words."""


@dataclass(frozen=True, slots=True)
class House:
    """A kind of house: how its sentences name it, and what the direction words do there."""

    name: str
    meanings: Meanings


HOUSES = {
    "plain": House("house", (0, 1, 2, 3)),
    "mirror": House("mirror house", (2, 3, 0, 1)),
    "turned": House("turned house", (1, 2, 3, 0)),
}


def house(speech: Speech, member: int = 0) -> House:
    """Return the house in which `speech` is spoken. The name never tells the member: that is to be found out."""
    return House("new house", MEMBERS[member]) if speech == "words" else HOUSES[speech]


@cache
def cosets() -> tuple[tuple[int, ...], ...]:
    """Split the 24 members into 6 groups of 4 that differ by turning the house.

    Within a group each word leads in each direction exactly once. Whoever holds out whole
    groups for a test therefore teaches no word to lean towards a direction.
    """
    groups: dict[frozenset[int], None] = {}
    for meanings in MEMBERS:
        turns = (tuple((direction + turn) % 4 for direction in meanings) for turn in range(4))
        groups.setdefault(frozenset(MEMBERS.index(turned) for turned in turns))
    return tuple(tuple(sorted(group)) for group in groups)
