"""The table model of memories. N is the number of memories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.events import MemoryEntry
from widgets.style.numbers import count, signed
from widgets.style.task_names import TaskName
from widgets.style.translation import tr
from widgets.views.entry_model import EntryModel, Field, Rows, name_of_task

FIELDS: tuple[Field[MemoryEntry], ...] = (
    Field(
        "task",
        lambda: tr("Task"),
        lambda entry: entry.task_id,
        lambda entry, names: name_of_task(entry.task_id, names),
        112,
        has_tooltip=True,
    ),
    Field("text", lambda: tr("Sentence"), lambda entry: entry.text, lambda entry, _: entry.text, 0, has_tooltip=True),
    Field(
        "action", lambda: tr("Action"), lambda entry: entry.action, lambda entry, _: entry.action, 84, has_tooltip=True
    ),
    Field(
        "reward",
        lambda: tr("Reward"),
        lambda entry: entry.reward,
        lambda entry, _: signed(entry.reward),
        76,
        number=True,
    ),
    Field(
        "step", lambda: tr("When"), lambda entry: entry.step, lambda entry, _: count(entry.step), 92, 520, number=True
    ),
    Field("id", lambda: tr("Number"), lambda entry: entry.id, lambda entry, _: count(entry.id), 84, 640, number=True),
)


class MemoryModel(EntryModel[MemoryEntry]):
    """Newest first until the user sorts otherwise."""

    def __init__(self) -> None:
        super().__init__(FIELDS, "step")
        self._pinned: set[int] = set()
        self._task_ids: Rows = np.empty(0, dtype=np.int64)
        self._task: int | None = None
        self._needle = ""

    def show(self, entries: Sequence[MemoryEntry], pinned: set[int], names: Sequence[TaskName]) -> None:
        """Replace the memories; `names` are those of the tasks, by task id."""
        self._pinned = pinned
        self._task_ids = np.fromiter((entry.task_id for entry in entries), dtype=np.int64, count=len(entries))
        self.set_entries(entries, names)

    def narrow(self, task: int | None, needle: str) -> None:
        """Show only memories of entry task (None: of all) whose sentence or action has `needle` in it."""
        wanted = (task, needle.strip().lower())
        if wanted != (self._task, self._needle):
            self._task, self._needle = wanted
            self.refilter()

    def counts(self) -> dict[int, int]:
        """Return the number of memories per task id, shown or not."""
        task_ids, numbers = np.unique(self._task_ids, return_counts=True)
        return dict(zip(task_ids.tolist(), numbers.tolist(), strict=True))

    def is_pinned(self, entry: MemoryEntry) -> bool:
        """Return whether a memory is pinned: never replaced."""
        return entry.id in self._pinned

    def filtered(self) -> Rows:
        """Return the indices of the task's memories whose sentence or action contains the search text, (rows,)."""
        rows = np.arange(self.total) if self._task is None else np.flatnonzero(self._task_ids == self._task)
        if self._needle:
            rows = np.array([row for row in rows.tolist() if self._matches(self.all_entries[row])], dtype=np.int64)
        return rows

    def _matches(self, entry: MemoryEntry) -> bool:
        return self._needle in entry.text.lower() or self._needle in entry.action.lower()
