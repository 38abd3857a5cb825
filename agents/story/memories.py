"""Every memory entry of a run, in columns: when it was added and removed.

A long run remembers a hundred thousand moments and holds a few thousand at a time. Looking
at one moment of it compares two columns of numbers; entries are made only of what it held.
What a live run has let go of is packed: a moment is some thirty small things of Python, and
nobody looks at most of them again.
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
"""What a stored row holds of an entry, in this order."""
NEVER = np.iinfo(np.int64).max
"""The step at which what is still held went."""
Row = MemoryEntry | tuple[Any, ...] | bytes


class MemoryHistory:
    """Grows by changes of the memory; every earlier moment can be looked at."""

    def __init__(self) -> None:
        self.counts = Columns(step=np.int64, task_id=np.int32, count=np.int64)
        """How many memories were added, by step and task."""
        self._lives = Columns(task_id=np.int64, added=np.int64, removed=np.int64)
        self._rows: list[Row] = []
        """Entries, or the values of their `FIELDS` until somebody asks for one, or those as JSON once they are gone."""
        self._places: dict[int, int] = {}
        """The row of each id that is held."""
        self._changes: list[int] = []
        self._pins: dict[int, list[tuple[int, bool]]] = {}

    def fold(self, event: MemoryChanged) -> None:
        """Fold in a change."""
        self._add(event.step, event.added, [entry.id for entry in event.added], [e.task_id for e in event.added])
        self._lose(event.step, event.removed)
        self._pin(event.step, event.pinned, event.unpinned)

    def read(self, step: int, data: Mapping[str, Any]) -> None:
        """Fold in a change as it is stored: JSON data, its entries column by column.

        Raises KeyError, TypeError or ValueError, before anything is changed, for data of another version.
        """
        table = data["added"]
        ids, task_ids = (np.array(table[name], dtype=np.int64) for name in FIELDS[:2])
        kept = [table[name] for name in FIELDS[:-1]]
        rows = list(zip(*kept, table.get("picture_state", [None] * len(ids)), strict=True))
        removed, pinned, unpinned = (
            np.array(data.get(name, ()), dtype=np.int64).tolist() for name in ("removed", "pinned", "unpinned")
        )
        self._add(step, rows, ids.tolist(), task_ids.tolist())
        self._lose(step, removed)
        self._pin(step, pinned, unpinned)

    def version(self, step: int) -> int:
        """Return how often the memory had changed by then."""
        return bisect_right(self._changes, step)

    def at(self, step: int) -> list[MemoryEntry]:
        """Return what was held then, oldest first."""
        return [self._entry(place) for place in self._held(step).tolist()]

    def counts_at(self, step: int) -> dict[int, int]:
        """Return how many entries each column of the matrix held then."""
        task_ids, counts = np.unique(self._lives["task_id"][self._held(step)], return_counts=True)
        return dict(zip(task_ids.tolist(), counts.tolist(), strict=True))

    def pinned(self, step: int) -> set[int]:
        """Return the ids that were pinned then."""
        past = {id_: [pinned for at, pinned in pins if at <= step] for id_, pins in self._pins.items()}
        return {id_ for id_, pins in past.items() if pins and pins[-1]}

    def _held(self, step: int) -> Any:
        return np.flatnonzero((self._lives["added"] <= step) & (self._lives["removed"] > step))

    def _entry(self, place: int) -> MemoryEntry:
        row = self._rows[place]
        if isinstance(row, bytes):
            return _made(json.loads(row))
        if not isinstance(row, MemoryEntry):
            row = self._rows[place] = _made(row)
        return row

    def _add(self, step: int, rows: Sequence[Row], ids: Sequence[int], task_ids: Sequence[int]) -> None:
        self._changes.append(step)
        if not rows:
            return
        self._lose(step, [id_ for id_ in ids if id_ in self._places])
        self._places.update(zip(ids, range(len(self._rows), len(self._rows) + len(rows)), strict=True))
        self._rows.extend(rows)
        count = len(rows)
        self._lives.extend(task_id=np.array(task_ids), added=np.full(count, step), removed=np.full(count, NEVER))
        for task_id, number in Counter(task_ids).items():
            self.counts.append(step=step, task_id=task_id, count=number)

    def _lose(self, step: int, ids: Sequence[int]) -> None:
        places = [self._places.pop(id_) for id_ in ids if id_ in self._places]
        if not places:
            return
        self._lives["removed"][places] = step
        for place in places:
            self._rows[place] = _packed(self._rows[place])

    def _pin(self, step: int, pinned: Sequence[int], unpinned: Sequence[int]) -> None:
        for ids, kept in ((pinned, True), (unpinned, False)):
            for id_ in ids:
                self._pins.setdefault(id_, []).append((step, kept))


def _made(values: Sequence[Any]) -> MemoryEntry:
    return MemoryEntry(**dict(zip(FIELDS, values, strict=True)))


def _packed(row: Row) -> Row:
    """Return an entry in few bytes; as it is where its world tells of its moment what is no JSON data."""
    if not isinstance(row, MemoryEntry):
        return row
    try:
        return codec.dumps([getattr(row, name) for name in FIELDS]).encode()
    except (TypeError, ValueError, RecursionError):
        return row
