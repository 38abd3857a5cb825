"""Exact nearest-neighbour search: vectors in one matrix, multiplied by the query.

Shapes: N vectors, D dimensions.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from agents.knowledge import Vector

_INITIAL_CAPACITY = 64
_DIGITS = 5
"""Cosines are rounded to this many digits, so that rounding errors do not decide between equal ones."""


class VectorIndex:
    """Unit vectors, each under an id, in the rows of one matrix.

    The matrix doubles when it is full, and the last row moves to that of a removed vector. Copies share the matrix
    until one of them changes (copy on write).
    """

    def __init__(self, size: int) -> None:
        self._matrix = np.zeros((_INITIAL_CAPACITY, size), dtype=np.float32)
        self._ids = np.zeros(_INITIAL_CAPACITY, dtype=np.int64)
        self._is_searchable = np.zeros(_INITIAL_CAPACITY, dtype=np.bool_)
        self._rows: dict[int, int] = {}
        self._is_shared = False

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def ids(self) -> list[int]:
        """Ids in the order of their rows; adding them again in this order gives the same matrix."""
        ids: list[int] = self._ids[: len(self)].tolist()
        return ids

    @property
    def vectors(self) -> NDArray[np.float32]:
        """(N, D), rows in the order of `ids`; a view, not a copy."""
        return self._matrix[: len(self)]

    def put(self, id_: int, vector: Vector, searchable: bool) -> None:
        """Add or replace a vector (D,); one that is not `searchable` is only found if the search names its id."""
        self._unshare()
        row = self._rows.setdefault(id_, len(self._rows))
        if row == len(self._matrix):
            self._grow()
        self._matrix[row], self._ids[row], self._is_searchable[row] = vector, id_, searchable

    def set_searchable(self, id_: int, searchable: bool) -> None:
        """Include a vector in every search, or only in those that name its id."""
        row = self._rows[id_]
        if self._is_searchable[row] != searchable:
            self._unshare()
            self._is_searchable[row] = searchable

    def drop(self, id_: int) -> None:
        """Remove a vector."""
        self._unshare()
        row, last = self._rows.pop(id_), len(self._rows)
        if row != last:
            moved = int(self._ids[last])
            self._matrix[row], self._ids[row], self._is_searchable[row] = (
                self._matrix[last],
                moved,
                self._is_searchable[last],
            )
            self._rows[moved] = row

    def nearest(
        self, query: Vector, limit: int, named: Iterable[int] = (), *, every: bool = False
    ) -> list[tuple[int, float]]:
        """Return up to `limit` pairs of id and cosine to `query` (D,), nearest first; the lower id first among equals.

        It searches the searchable vectors and those whose ids are `named`, or with `every` all of them.
        """
        count = len(self)
        wanted = np.ones(count, dtype=np.bool_) if every else self._is_searchable[:count].copy()
        wanted[[self._rows[id_] for id_ in named if id_ in self._rows]] = True
        rows = np.flatnonzero(wanted)
        if not len(rows) or limit < 1:
            return []
        # for few rows, copying them costs less than multiplying the whole matrix
        near = self._matrix[rows] @ query if 4 * len(rows) < count else (self._matrix[:count] @ query)[rows]
        near = np.round(near, _DIGITS)
        if limit < len(rows):
            threshold = np.partition(near, len(near) - limit)[len(near) - limit]
            best = np.flatnonzero(near >= threshold)  # may be more than `limit`, with equal cosines
            rows, near = rows[best], near[best]
        order = np.lexsort((self._ids[rows], -near))[:limit]
        return [(int(self._ids[row]), float(value)) for row, value in zip(rows[order], near[order], strict=True)]

    def copy(self) -> VectorIndex:
        """Return an index with the same vectors."""
        copy = VectorIndex(self._matrix.shape[1])
        self._is_shared = True
        vars(copy).update(vars(self))
        return copy

    def _unshare(self) -> None:
        """Copy the arrays before a change, if another index shares them."""
        if self._is_shared:
            self._matrix, self._ids, self._is_searchable = (
                self._matrix.copy(),
                self._ids.copy(),
                self._is_searchable.copy(),
            )
            self._rows, self._is_shared = dict(self._rows), False

    def _grow(self) -> None:
        capacity = len(self._matrix)
        self._matrix = np.concatenate([self._matrix, np.zeros_like(self._matrix)])
        self._ids = np.concatenate([self._ids, np.zeros(capacity, dtype=np.int64)])
        self._is_searchable = np.concatenate([self._is_searchable, np.zeros(capacity, dtype=np.bool_)])
