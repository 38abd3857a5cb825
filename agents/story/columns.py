"""Append-only columns of numbers, which collect events and from which plots are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]


class Columns:
    """Named columns of equal length N; `columns[name]` is a view of shape (N,), not a copy."""

    def __init__(self, **kinds: type) -> None:
        self._data: dict[str, Column] = {name: np.empty(256, dtype=kind) for name, kind in kinds.items()}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._data)

    def append(self, **values: Any) -> None:
        """Add a row."""
        self._reserve(1)
        for name, column in self._data.items():
            column[self._length] = values[name]
        self._length += 1

    def extend(self, **values: Column) -> None:
        """Add M rows at once, given as one array of shape (M,) for each column."""
        added = len(next(iter(values.values())))
        self._reserve(added)
        for name, column in self._data.items():
            column[self._length : self._length + added] = values[name]
        self._length += added

    def _reserve(self, added: int) -> None:
        """Make room for `added` rows, at least doubling the capacity so that appending stays cheap."""
        for name, column in self._data.items():
            if self._length + added > len(column):
                grown = np.empty(max(2 * len(column), self._length + added), dtype=column.dtype)
                grown[: self._length] = column[: self._length]
                self._data[name] = grown

    def __getitem__(self, name: str) -> Column:
        return self._data[name][: self._length]

    def rows_until(self, step: int | None) -> int:
        """Return the number of rows at or before `step`; rows are in order of their `step`."""
        return self._length if step is None else int(np.searchsorted(self["step"], step, side="right"))
