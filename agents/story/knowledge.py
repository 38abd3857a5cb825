"""The contents of an agent's knowledge base at each step of its run."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter

import numpy as np

from agents.events import KnowledgeChanged, KnowledgeEntry
from agents.story.columns import Columns

_STEP = attrgetter("step")
_SNAPSHOT_FACTOR = 4
"""A snapshot is taken once the changes since the last one are so many times its number of entries."""


class KnowledgeHistory:
    """Folds `KnowledgeChanged` events; states between the snapshots are computed from the previous snapshot."""

    def __init__(self) -> None:
        self._changes: list[KnowledgeChanged] = []
        self._latest: dict[int, KnowledgeEntry] = {}
        self._snapshots: list[tuple[int, dict[int, KnowledgeEntry]]] = [(0, {})]
        """Earlier states, with the number of changes before each."""
        self._pending = 0
        """Entries changed since the last snapshot."""
        self.counts = Columns(step=np.int64, known=np.int32, refuted=np.int32)
        """Number of entries after each change, and of refuted ones."""

    def fold(self, event: KnowledgeChanged) -> None:
        """Add the next change."""
        self._changes.append(event)
        refuted = int(self.counts["refuted"][-1]) if len(self.counts) else 0
        before = self._refuted({*event.removed, *(entry.id for entry in (*event.added, *event.changed))})
        _fold(self._latest, event)
        refuted += self._refuted({entry.id for entry in (*event.added, *event.changed)}) - before
        self.counts.append(step=event.step, known=len(self._latest), refuted=refuted)
        self._pending += len(event.added) + len(event.changed) + len(event.removed)
        if self._pending > _SNAPSHOT_FACTOR * len(self._latest):
            self._snapshots.append((len(self._changes), dict(self._latest)))
            self._pending = 0

    def version(self, step: int) -> int:
        """Return the number of changes until `step`."""
        return bisect_right(self._changes, step, key=_STEP)

    def at(self, step: int) -> list[KnowledgeEntry]:
        """Return the entries at `step`, oldest first."""
        version, known = self.version(step), self._latest
        if version < len(self._changes):
            start, state = self._snapshots[bisect_right(self._snapshots, version, key=lambda snapshot: snapshot[0]) - 1]
            known = dict(state)
            for event in self._changes[start:version]:
                _fold(known, event)
        return [entry for _, entry in sorted(known.items())]

    def _refuted(self, ids: set[int]) -> int:
        return sum(id_ in self._latest and self._latest[id_].standing == "refuted" for id_ in ids)


def _fold(known: dict[int, KnowledgeEntry], event: KnowledgeChanged) -> None:
    for id_ in event.removed:
        known.pop(id_, None)
    known.update((entry.id, entry) for entry in (*event.added, *event.changed))
