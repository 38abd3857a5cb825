"""Precomputed tables of a room: where steps lead, distances, and offsets in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from envs.words import NUMBERS

STEPS = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Up, right, down, left, as changes of (column, row)."""

Table = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Room:
    """A square room. Cells are numbered row by row from the top left."""

    size: int
    moves: Table
    """moves[direction][cell]: where a step leads. Walls stop it."""
    distance: Table
    """distance[a][b]: steps from a to b."""
    far: Table
    """far[a]: the cells at least two steps from a."""
    offsets: tuple[tuple[str, ...], ...]
    """offsets[a][b]: position of b relative to a in words, such as ` two left one up .`"""


@cache
def room(size: int) -> Room:
    """Return the room of `size` by `size` cells, with its precomputed tables."""
    cells = [(cell % size, cell // size) for cell in range(size * size)]
    distance = tuple(tuple(abs(x - u) + abs(y - v) for u, v in cells) for x, y in cells)
    return Room(
        size=size,
        moves=tuple(tuple(_step(cell, dx, dy, size) for cell in cells) for dx, dy in STEPS),
        distance=distance,
        far=tuple(tuple(target for target, steps in enumerate(row) if steps >= 2) for row in distance),
        offsets=tuple(tuple(_offset_phrase(u - x, v - y) for u, v in cells) for x, y in cells),
    )


def _step(cell: tuple[int, int], dx: int, dy: int, size: int) -> int:
    x, y = cell[0] + dx, cell[1] + dy
    is_inside = 0 <= x < size and 0 <= y < size
    return y * size + x if is_inside else cell[1] * size + cell[0]


def _offset_phrase(dx: int, dy: int) -> str:
    across = f" {NUMBERS[abs(dx)]} {'left' if dx < 0 else 'right'}" if dx else ""
    along = f" {NUMBERS[abs(dy)]} {'up' if dy < 0 else 'down'}" if dy else ""
    return f"{across}{along} ." if dx or dy else " here ."


def offset_words(size: int) -> str:
    """Return the words of all offsets (`two left`) in a room of `size` by `size` cells, separated by spaces."""
    return f"{' '.join(NUMBERS[1:size])} left right up down here"
