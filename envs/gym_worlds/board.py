"""Layout of pictures of grid worlds."""

from __future__ import annotations

from dataclasses import dataclass

from envs import PictureState
from envs.pictures.canvas import Point

UP, RIGHT, DOWN, LEFT = range(4)


@dataclass(frozen=True, slots=True)
class Board:
    """Positions of the cells, as fractions of the picture's side."""

    rows: int
    columns: int
    left: float
    top: float
    side: float

    def centre(self, row: float, column: float) -> Point:
        """Return the centre of a cell."""
        return self.left + (column + 0.5) * self.side, self.top + (row + 0.5) * self.side

    def cell(self, row: int, column: int, inset: float = 0.0) -> tuple[float, float, float, float]:
        """Return a cell as (left, top, width, height), `inset` cell sides smaller on each side."""
        gap = inset * self.side
        size = self.side - 2 * gap
        return self.left + column * self.side + gap, self.top + row * self.side + gap, size, size


def board(rows: int, columns: int, margin: float = 0.04) -> Board:
    """Return a centred board that fills the picture up to `margin`."""
    side = (1 - 2 * margin) / max(rows, columns)
    return Board(rows, columns, 0.5 - columns * side / 2, 0.5 - rows * side / 2, side)


def facing(picture_state: PictureState, directions: tuple[int, ...]) -> int:
    """Return the direction of the last step; if it moved nowhere, that of its action by `directions`."""
    down, right = (int(new - old) for new, old in zip(picture_state["row"][:2], picture_state["was"][:2], strict=True))
    if abs(down) + abs(right) == 1:
        return (DOWN if down > 0 else UP) if down else (RIGHT if right > 0 else LEFT)
    action = picture_state["action"]
    return directions[action] if action is not None and action < len(directions) else DOWN
