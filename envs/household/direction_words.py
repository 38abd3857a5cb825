"""The meaning of the four direction words in each house."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Literal

DIRECTION_WORDS = ("north", "east", "south", "west")
"""Actions of the agent. In a plain house word i leads in direction i: up, right, down, left."""

Speech = Literal["plain", "mirror", "turned", "words"]
Meanings = tuple[int, ...]
"""The direction of each direction word, as an index."""

MEMBERS: tuple[Meanings, ...] = tuple(permutations(range(4)))
"""All 24 permutations of the directions."""


@dataclass(frozen=True, slots=True)
class House:
    """A kind of house: its name in sentences, and the meanings of its direction words."""

    name: str
    meanings: Meanings


HOUSES = {
    "plain": House("house", (0, 1, 2, 3)),
    "mirror": House("mirror house", (2, 3, 0, 1)),
    "turned": House("turned house", (1, 2, 3, 0)),
}


def house(speech: Speech, member: int = 0) -> House:
    """Return the house with a language. All 24 members share a name: the agent has to find out which it is."""
    return House("new house", MEMBERS[member]) if speech == "words" else HOUSES[speech]


@cache
def cosets() -> tuple[tuple[int, ...], ...]:
    """Return the indices in `MEMBERS` of the 24 permutations, as 6 groups of 4 that differ only by a rotation.

    Within a group each word leads in each direction exactly once. Holding out whole groups
    for testing therefore leaves every word equally often with each direction in training.
    """
    groups: dict[frozenset[int], None] = {}
    for meanings in MEMBERS:
        turns = (tuple((direction + turn) % 4 for direction in meanings) for turn in range(4))
        groups.setdefault(frozenset(MEMBERS.index(turned) for turned in turns))
    return tuple(tuple(sorted(group)) for group in groups)
