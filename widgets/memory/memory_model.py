"""Memories as a table."""

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
        lambda one: one.task_id,
        lambda one, names: name_of_task(one.task_id, names),
        112,
        has_tooltip=True,
    ),
    Field("text", lambda: tr("Sentence"), lambda one: one.text, lambda one, _: one.text, 0, has_tooltip=True),
    Field("action", lambda: tr("Action"), lambda one: one.action, lambda one, _: one.action, 84, has_tooltip=True),
    Field("reward", lambda: tr("Reward"), lambda one: one.reward, lambda one, _: signed(one.reward), 76, number=True),
    Field("step", lambda: tr("When"), lambda one: one.step, lambda one, _: count(one.step), 92, 520, number=True),
    Field("id", lambda: tr("Number"), lambda one: one.id, lambda one, _: count(one.id), 84, 640, number=True),
)


class MemoryModel(EntryModel[MemoryEntry]):
    """Newest first until the person sorts otherwise."""

    def __init__(self) -> None:
        super().__init__(FIELDS, "step")
        self._pinned: set[int] = set()
        self._columns: Rows = np.empty(0, dtype=np.int64)
        self._task: int | None = None
        self._needle = ""

    def show(self, entries: Sequence[MemoryEntry], pinned: set[int], names: Sequence[TaskName]) -> None:
        """Hold these memories; `names` are the tasks', by column."""
        self._pinned = pinned
        self._columns = np.fromiter((entry.task_id for entry in entries), dtype=np.int64, count=len(entries))
        self.set_entries(entries, names)

    def narrow(self, task: int | None, needle: str) -> None:
        """Show only memories of one task (None: of all) whose sentence or action has `needle` in it."""
        wanted = (task, needle.strip().lower())
        if wanted != (self._task, self._needle):
            self._task, self._needle = wanted
            self.refilter()

    def counts(self) -> dict[int, int]:
        """Return how many memories each task has, whatever is shown."""
        task_ids, numbers = np.unique(self._columns, return_counts=True)
        return dict(zip(task_ids.tolist(), numbers.tolist(), strict=True))

    def is_pinned(self, entry: MemoryEntry) -> bool:
        """Whether a memory is filtered whatever comes."""
        return entry.id in self._pinned

    def filtered(self) -> Rows:
        """Return the places of memories of the task whose sentence or action has the needle in it."""
        rows = np.arange(self.total) if self._task is None else np.flatnonzero(self._columns == self._task)
        if self._needle:
            rows = np.array([row for row in rows.tolist() if self._matches(self.all_entries[row])], dtype=np.int64)
        return rows

    def _matches(self, entry: MemoryEntry) -> bool:
        return self._needle in entry.text.lower() or self._needle in entry.action.lower()
