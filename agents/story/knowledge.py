"""The contents of an agent's knowledge base at each step of its run."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter

import numpy as np

from agents.events import KnowledgeChanged, KnowledgeEntry
from agents.story.columns import Columns

_STEP = attrgetter("step")
_REFOLDED = 4
"""A state is kept once so many times as much was told as it holds: what lies between two is folded again."""


class KnowledgeHistory:
    """Folds `KnowledgeChanged` events; the newest state is kept and some on the way, the others are folded again."""

    def __init__(self) -> None:
        self._changes: list[KnowledgeChanged] = []
        self._now: dict[int, KnowledgeEntry] = {}
        self._kept: list[tuple[int, dict[int, KnowledgeEntry]]] = [(0, {})]
        """States on the way, by how many changes they fold."""
        self._told = 0
        """Entries told since the last of them."""
        self.counts = Columns(step=np.int64, known=np.int32, refuted=np.int32)
        """How much was known after each change, and how much of it refuted."""

    def fold(self, event: KnowledgeChanged) -> None:
        """Fold in what changed."""
        self._changes.append(event)
        refuted = int(self.counts["refuted"][-1]) if len(self.counts) else 0
        before = self._refuted({*event.removed, *(entry.id for entry in (*event.added, *event.changed))})
        _fold(self._now, event)
        refuted += self._refuted({entry.id for entry in (*event.added, *event.changed)}) - before
        self.counts.append(step=event.step, known=len(self._now), refuted=refuted)
        self._told += len(event.added) + len(event.changed) + len(event.removed)
        if self._told > _REFOLDED * len(self._now):
            self._kept.append((len(self._changes), dict(self._now)))
            self._told = 0

    def version(self, step: int) -> int:
        """How often it had changed by `step`: equal versions of one story know the same."""
        return bisect_right(self._changes, step, key=_STEP)

    def at(self, step: int) -> list[KnowledgeEntry]:
        """Return what was known at `step`, oldest first."""
        version, known = self.version(step), self._now
        if version < len(self._changes):
            start, state = self._kept[bisect_right(self._kept, version, key=lambda kept: kept[0]) - 1]
            known = dict(state)
            for event in self._changes[start:version]:
                _fold(known, event)
        return [entry for _, entry in sorted(known.items())]

    def _refuted(self, ids: set[int]) -> int:
        return sum(id_ in self._now and self._now[id_].standing == "refuted" for id_ in ids)


def _fold(known: dict[int, KnowledgeEntry], event: KnowledgeChanged) -> None:
    for id_ in event.removed:
        known.pop(id_, None)
    known.update((entry.id, entry) for entry in (*event.added, *event.changed))
