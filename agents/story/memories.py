"""Every memory entry of a run, in columns: when it was added and removed.

A long run adds a hundred thousand entries and holds a few thousand at a time. The entries at one
step are found by comparing two columns of numbers, and only these are created as objects. Removed
entries are packed into bytes: each consists of some thirty small Python objects, and most are never
read again.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from agents import codec
from agents.events import MemoryChanged, MemoryEntry
from agents.story.columns import Columns

FIELDS = ("id", "task_id", "text", "action", "reward", "step", "picture_state")
"""The fields of a stored row, in order."""
NEVER = np.iinfo(np.int64).max
"""The `removed` step of entries that are still held."""
Row = MemoryEntry | tuple[Any, ...] | bytes


class MemoryHistory:
    """Folds `MemoryChanged` events; the entries at every earlier step can be read."""

    def __init__(self) -> None:
        self.counts = Columns(step=np.int64, task_id=np.int32, count=np.int64)
        """Number of entries added, by step and task."""
        self._spans = Columns(task_id=np.int64, added=np.int64, removed=np.int64)
        self._rows: list[Row] = []
        """For each entry: the values of its `FIELDS`, the entry once it was read, or JSON bytes once it was removed."""
        self._row_of_id: dict[int, int] = {}
        """The row of each entry that is held, by id."""
        self._changes: list[int] = []
        self._pins: dict[int, list[tuple[int, bool]]] = {}

    def fold(self, event: MemoryChanged) -> None:
        """Add the next change."""
        self._add(event.step, event.added, [entry.id for entry in event.added], [e.task_id for e in event.added])
        self._remove(event.step, event.removed)
        self._pin(event.step, event.pinned, event.unpinned)

    def read(self, step: int, data: Mapping[str, Any]) -> None:
        """Add a change from its stored JSON data, whose entries are column by column.

        Raises KeyError, TypeError or ValueError for data of another version, before anything is changed.
        """
        table = data["added"]
        ids, task_ids = (np.array(table[name], dtype=np.int64) for name in FIELDS[:2])
        columns = [table[name] for name in FIELDS[:-1]]
        rows = list(zip(*columns, table.get("picture_state", [None] * len(ids)), strict=True))
        removed, pinned, unpinned = (
            np.array(data.get(name, ()), dtype=np.int64).tolist() for name in ("removed", "pinned", "unpinned")
        )
        self._add(step, rows, ids.tolist(), task_ids.tolist())
        self._remove(step, removed)
        self._pin(step, pinned, unpinned)

    def version(self, step: int) -> int:
        """Return the number of changes until `step`."""
        return bisect_right(self._changes, step)

    def at(self, step: int) -> list[MemoryEntry]:
        """Return the entries at `step`, oldest first."""
        return [self._entry(row) for row in self._held(step).tolist()]

    def counts_at(self, step: int) -> dict[int, int]:
        """Return the number of entries at `step`, by task id."""
        task_ids, counts = np.unique(self._spans["task_id"][self._held(step)], return_counts=True)
        return dict(zip(task_ids.tolist(), counts.tolist(), strict=True))

    def pinned(self, step: int) -> set[int]:
        """Return the ids of the entries pinned at `step`."""
        past = {id_: [pinned for at, pinned in pins if at <= step] for id_, pins in self._pins.items()}
        return {id_ for id_, pins in past.items() if pins and pins[-1]}

    def _held(self, step: int) -> Any:
        return np.flatnonzero((self._spans["added"] <= step) & (self._spans["removed"] > step))

    def _entry(self, index: int) -> MemoryEntry:
        row = self._rows[index]
        if isinstance(row, bytes):
            return _unpacked(json.loads(row))
        if not isinstance(row, MemoryEntry):
            row = self._rows[index] = _unpacked(row)
        return row

    def _add(self, step: int, rows: Sequence[Row], ids: Sequence[int], task_ids: Sequence[int]) -> None:
        self._changes.append(step)
        if not rows:
            return
        self._remove(step, [id_ for id_ in ids if id_ in self._row_of_id])
        self._row_of_id.update(zip(ids, range(len(self._rows), len(self._rows) + len(rows)), strict=True))
        self._rows.extend(rows)
        count = len(rows)
        self._spans.extend(task_id=np.array(task_ids), added=np.full(count, step), removed=np.full(count, NEVER))
        for task_id, number in Counter(task_ids).items():
            self.counts.append(step=step, task_id=task_id, count=number)

    def _remove(self, step: int, ids: Sequence[int]) -> None:
        indices = [self._row_of_id.pop(id_) for id_ in ids if id_ in self._row_of_id]
        if not indices:
            return
        self._spans["removed"][indices] = step
        for index in indices:
            self._rows[index] = _packed(self._rows[index])

    def _pin(self, step: int, pinned: Sequence[int], unpinned: Sequence[int]) -> None:
        for ids, is_pinned in ((pinned, True), (unpinned, False)):
            for id_ in ids:
                self._pins.setdefault(id_, []).append((step, is_pinned))


def _unpacked(values: Sequence[Any]) -> MemoryEntry:
    return MemoryEntry(**dict(zip(FIELDS, values, strict=True)))


def _packed(row: Row) -> Row:
    """Pack an entry into JSON bytes; return it unchanged if its picture's state is not JSON data."""
    if not isinstance(row, MemoryEntry):
        return row
    try:
        return codec.dumps([getattr(row, name) for name in FIELDS]).encode()
    except (TypeError, ValueError, RecursionError):
        return row
