"""The floor plan: which rooms there are, where their doors lead, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from envs.household.grid import STEPS

SPOTS: Mapping[str, tuple[int, int]] = {"kitchen": (0, 0), "hall": (1, 0), "bedroom": (1, 1), "study": (0, 1)}
"""Each room's (column, row) on the plan. A house of n rooms has the first n; four make a ring."""
CARRIED = ("apple", "milk", "cup", "ball", "pear", "book")
"""What can be carried."""


@dataclass(frozen=True, slots=True)
class Furniture:
    """Something that never moves."""

    room: str
    lid: bool = False
    """Whether it opens and closes."""
    preposition: str = "in"
    """How things are in it or on it."""


FURNITURE: Mapping[str, Furniture] = {
    "fridge": Furniture("kitchen", lid=True),
    "cupboard": Furniture("hall", lid=True),
    "table": Furniture("hall", preposition="on"),
    "drawer": Furniture("bedroom", lid=True),
    "basket": Furniture("study"),
}
"""What things can be in or on."""
SINK = "kitchen"
"""The room in which things are washed."""
NOTE = "hall"
"""The room in which a note about the rules of the house hangs."""


@dataclass(frozen=True, slots=True, eq=False)  # there is one of each size; it is the key of tables
class FloorPlan:
    """A house of a few rooms."""

    rooms: tuple[str, ...]
    moves: Mapping[str, tuple[str, ...]]
    """moves[room][direction]: the room behind the door up, right, down or left; the room itself where a wall is."""
    places: tuple[str, ...]
    """The furniture that things can be in or on."""
    lids: tuple[str, ...]
    """The furniture that opens and closes."""

    def standing_in(self, room: str) -> tuple[str, ...]:
        """Return the furniture of a room."""
        return tuple(name for name in self.places if FURNITURE[name].room == room)


@cache
def plan(rooms: int) -> FloorPlan:
    """Return the house with the first so many rooms."""
    names = tuple(SPOTS)[:rooms]
    at = {SPOTS[name]: name for name in names}
    moves = {
        name: tuple(at.get((SPOTS[name][0] + dx, SPOTS[name][1] + dy), name) for dx, dy in STEPS) for name in names
    }
    places = tuple(name for name, piece in FURNITURE.items() if piece.room in names)
    return FloorPlan(names, moves, places, tuple(name for name in places if FURNITURE[name].lid))
