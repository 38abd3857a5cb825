"""The table of memories."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from agents.events import MemoryEntry
from widgets.memory.memory_model import MemoryModel
from widgets.style.task_names import TaskName
from widgets.views.entry_table import EndingDelegate, EntryTable


class MemoryTable(EntryTable[MemoryEntry]):
    """The table of memories, newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.memories = MemoryModel()
        super().__init__(self.memories, "step", parent)
        self.setItemDelegateForColumn(self.memories.column_of("text"), EndingDelegate(self))

    def show_memories(self, entries: Sequence[MemoryEntry], pinned: set[int], names: Sequence[TaskName]) -> None:
        """Replace the memories; the selection and its position on the screen are preserved."""
        self.preserve_selection(lambda: self.memories.show(entries, pinned, names))
