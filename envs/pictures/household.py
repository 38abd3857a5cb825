"""The house, seen from above."""

from __future__ import annotations

import numpy as np

from envs import Moment, Picture


def paint(moment: Moment, size: int, *, dark: bool, blend: float) -> Picture:
    """Paint the room at `moment`."""
    cells = moment["size"]
    picture = np.full((cells, cells, 3), 40 if dark else 230, dtype=np.uint8)
    for place in moment["cells"].values():
        picture[divmod(place, cells)] = (210, 90, 80)
    picture[divmod(moment["trail"][-1], cells)] = (240, 180, 60)
    repeat = -(-size // cells)
    return np.kron(picture, np.ones((repeat, repeat, 1), dtype=np.uint8))[:size, :size]
