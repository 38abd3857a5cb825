"""What an agent knew in sentences at each moment of its run."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter

from agents.events import KnowledgeChanged, KnowledgeEntry

_STEP = attrgetter("step")


class Known:
    """Folds `KnowledgeChanged` events; the newest state is kept, an earlier one is folded again when asked for."""

    def __init__(self) -> None:
        self._changes: list[KnowledgeChanged] = []
        self._now: dict[int, KnowledgeEntry] = {}

    def tell(self, event: KnowledgeChanged) -> None:
        """Fold in what changed."""
        self._changes.append(event)
        _fold(self._now, event)

    def version(self, step: int) -> int:
        """How often it had changed by `step`: equal versions of one story know the same."""
        return bisect_right(self._changes, step, key=_STEP)

    def at(self, step: int) -> list[KnowledgeEntry]:
        """Return what was known at `step`, oldest first."""
        version, known = self.version(step), self._now
        if version < len(self._changes):
            known = {}
            for event in self._changes[:version]:
                _fold(known, event)
        return [entry for _, entry in sorted(known.items())]


def _fold(known: dict[int, KnowledgeEntry], event: KnowledgeChanged) -> None:
    for id_ in event.removed:
        known.pop(id_, None)
    known.update((entry.id, entry) for entry in (*event.added, *event.changed))
