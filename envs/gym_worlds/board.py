"""Worlds on a board of square cells."""

from __future__ import annotations

from dataclasses import dataclass

from envs import PictureState
from envs.pictures.canvas import Point

UP, RIGHT, DOWN, LEFT = range(4)


@dataclass(frozen=True, slots=True)
class Board:
    """Where the cells lie, in parts of the picture's side."""

    rows: int
    columns: int
    left: float
    top: float
    side: float

    def centre(self, row: float, column: float) -> Point:
        """Return the middle of a cell."""
        return self.left + (column + 0.5) * self.side, self.top + (row + 0.5) * self.side

    def cell(self, row: int, column: int, inset: float = 0.0) -> tuple[float, float, float, float]:
        """Return a cell as (left, top, width, height)."""
        gap = inset * self.side
        size = self.side - 2 * gap
        return self.left + column * self.side + gap, self.top + row * self.side + gap, size, size


def board(rows: int, columns: int, margin: float = 0.04) -> Board:
    """Return a board in the middle of the picture, as large as fits."""
    side = (1 - 2 * margin) / max(rows, columns)
    return Board(rows, columns, 0.5 - columns * side / 2, 0.5 - rows * side / 2, side)


def facing(picture_state: PictureState, directions: tuple[int, ...]) -> int:
    """Return which way the last step went, or was meant to go; `directions` says so for each action."""
    down, right = (int(new - old) for new, old in zip(picture_state["row"][:2], picture_state["was"][:2], strict=True))
    if abs(down) + abs(right) == 1:
        return (DOWN if down > 0 else UP) if down else (RIGHT if right > 0 else LEFT)
    action = picture_state["action"]
    return directions[action] if action is not None and action < len(directions) else DOWN
