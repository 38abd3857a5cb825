"""The floor plan: the rooms, their doors and their furniture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from envs.household.grid import STEPS

SPOTS: Mapping[str, tuple[int, int]] = {"kitchen": (0, 0), "hall": (1, 0), "bedroom": (1, 1), "study": (0, 1)}
"""The (column, row) of each room on the plan. A house of n rooms has the first n; the doors of four make a ring."""
CARRIED = ("apple", "milk", "cup", "ball", "pear", "book")
"""Things that the agent can carry."""


@dataclass(frozen=True, slots=True)
class Furniture:
    """A piece of furniture, which never moves."""

    room: str
    lid: bool = False
    """Whether it opens and closes."""
    preposition: str = "in"
    """The preposition for things at it: `in` or `on`."""


FURNITURE: Mapping[str, Furniture] = {
    "fridge": Furniture("kitchen", lid=True),
    "cupboard": Furniture("hall", lid=True),
    "table": Furniture("hall", preposition="on"),
    "drawer": Furniture("bedroom", lid=True),
    "basket": Furniture("study"),
}
"""Furniture that holds things."""
SINK = "kitchen"
"""The room with the sink."""
NOTE = "hall"
"""The room with the note that states the rule."""


@dataclass(frozen=True, slots=True, eq=False)  # one instance per size, compared and hashed by identity as a cache key
class FloorPlan:
    """A house of a few rooms."""

    rooms: tuple[str, ...]
    moves: Mapping[str, tuple[str, ...]]
    """moves[room][direction]: the room behind the door up, right, down or left; the same room where a wall is."""
    places: tuple[str, ...]
    """Its furniture."""
    lids: tuple[str, ...]
    """Its furniture that opens and closes."""

    def standing_in(self, room: str) -> tuple[str, ...]:
        """Return the furniture of a room."""
        return tuple(name for name in self.places if FURNITURE[name].room == room)


@cache
def plan(rooms: int) -> FloorPlan:
    """Return the house with the first `rooms` rooms."""
    names = tuple(SPOTS)[:rooms]
    at = {SPOTS[name]: name for name in names}
    moves = {
        name: tuple(at.get((SPOTS[name][0] + dx, SPOTS[name][1] + dy), name) for dx, dy in STEPS) for name in names
    }
    places = tuple(name for name, piece in FURNITURE.items() if piece.room in names)
    return FloorPlan(names, moves, places, tuple(name for name in places if FURNITURE[name].lid))
