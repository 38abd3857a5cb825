"""Exact nearest-neighbour search: vectors in one matrix, multiplied by the query."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from agents.knowledge import Vector

_FIRST = 64
_DIGITS = 5
"""Cosines are compared to so many: rounding noise must not decide between equals."""


class VectorIndex:
    """Rows of unit vectors under ids. The block grows by doubling; the last row takes an erased one's place.

    Copies share the block until one of them changes.
    """

    def __init__(self, size: int) -> None:
        self._block = np.zeros((_FIRST, size), dtype=np.float32)
        self._ids = np.zeros(_FIRST, dtype=np.int64)
        self._offered = np.zeros(_FIRST, dtype=np.bool_)
        self._rows: dict[int, int] = {}
        self._is_shared = False

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def ids(self) -> list[int]:
        """Ids in the order of their rows: added in this order again, they make the same block."""
        found: list[int] = self._ids[: len(self)].tolist()
        return found

    @property
    def vectors(self) -> NDArray[np.float32]:
        """(N, D), a row an id of `ids`; a view, not a copy."""
        return self._block[: len(self)]

    def put(self, id_: int, vector: Vector, offered: bool) -> None:
        """Add or replace a vector; one that is not `offered` is found only by who names it."""
        self._own()
        row = self._rows.setdefault(id_, len(self._rows))
        if row == len(self._block):
            self._grow()
        self._block[row], self._ids[row], self._offered[row] = vector, id_, offered

    def offer(self, id_: int, offered: bool) -> None:
        """Let everybody find it, or only who names it."""
        row = self._rows[id_]
        if self._offered[row] != offered:
            self._own()
            self._offered[row] = offered

    def drop(self, id_: int) -> None:
        """Remove a vector."""
        self._own()
        row, last = self._rows.pop(id_), len(self._rows)
        if row != last:
            moved = int(self._ids[last])
            self._block[row], self._ids[row], self._offered[row] = self._block[last], moved, self._offered[last]
            self._rows[moved] = row

    def nearest(
        self, cue: Vector, limit: int, named: Iterable[int] = (), *, every: bool = False
    ) -> list[tuple[int, float]]:
        """Return up to `limit` ids with their cosines, nearest first; the lower id first among equals."""
        count = len(self)
        wanted = np.ones(count, dtype=np.bool_) if every else self._offered[:count].copy()
        wanted[[self._rows[id_] for id_ in named if id_ in self._rows]] = True
        rows = np.flatnonzero(wanted)
        if not len(rows) or limit < 1:
            return []
        # few rows are cheaper gathered than multiplied with all the others
        near = self._block[rows] @ cue if 4 * len(rows) < count else (self._block[:count] @ cue)[rows]
        near = np.round(near, _DIGITS)
        if limit < len(rows):
            edge = np.partition(near, len(near) - limit)[len(near) - limit]
            kept = np.flatnonzero(near >= edge)
            rows, near = rows[kept], near[kept]
        order = np.lexsort((self._ids[rows], -near))[:limit]
        return [(int(self._ids[row]), float(value)) for row, value in zip(rows[order], near[order], strict=True)]

    def copy(self) -> VectorIndex:
        """Return another with the same rows."""
        twin = VectorIndex(self._block.shape[1])
        self._is_shared = True
        vars(twin).update(vars(self))
        return twin

    def _own(self) -> None:
        """Have rows of its own from here on: others may still read those it shares."""
        if self._is_shared:
            self._block, self._ids, self._offered = self._block.copy(), self._ids.copy(), self._offered.copy()
            self._rows, self._is_shared = dict(self._rows), False

    def _grow(self) -> None:
        more = len(self._block)
        self._block = np.concatenate([self._block, np.zeros_like(self._block)])
        self._ids = np.concatenate([self._ids, np.zeros(more, dtype=np.int64)])
        self._offered = np.concatenate([self._offered, np.zeros(more, dtype=np.bool_)])
