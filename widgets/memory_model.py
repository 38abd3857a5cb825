"""Memories as a table: filtered, searched and sorted by rows of numbers, so that 100,000 stay light."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from agents.events import MemoryEntry
from widgets.number_words import count, signed
from widgets.words import tr

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the table."""

    key: str
    title: Callable[[], str]
    """Its heading, in the language now chosen."""
    value: Callable[[MemoryEntry], Any]
    """What is sorted by."""
    width: int
    """In pixels; 0 takes the room that is left."""
    needs: int = 0
    """Narrowest table in which it is shown."""
    number: bool = False


FIELDS: tuple[Field, ...] = (
    Field("task", lambda: tr("Task"), lambda entry: entry.column, 112),
    Field("text", lambda: tr("Sentence"), lambda entry: entry.text, 0),
    Field("action", lambda: tr("Action"), lambda entry: entry.action, 84),
    Field("reward", lambda: tr("Reward"), lambda entry: entry.reward, 76, number=True),
    Field("step", lambda: tr("When"), lambda entry: entry.step, 92, needs=520, number=True),
    Field("id", lambda: tr("Number"), lambda entry: entry.id, 84, needs=640, number=True),
)
TASK, TEXT, STEP = 0, 1, 4
ENTRY, PINNED = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class MemoryModel(QAbstractTableModel):
    """Rows of `FIELDS`, newest first until the person sorts otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[MemoryEntry] = ()
        self._pinned: set[int] = set()
        self._names: list[str] = []
        self._columns: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._task: int | None = None
        self._needle = ""
        self._sorting = (STEP, Qt.SortOrder.DescendingOrder)

    def show(self, entries: Sequence[MemoryEntry], pinned: set[int], names: list[str]) -> None:
        """Hold these memories; `names` are the tasks', by column."""
        self.beginResetModel()
        self._entries, self._pinned, self._names = entries, pinned, names
        self._columns = np.fromiter((entry.column for entry in entries), dtype=np.int64, count=len(entries))
        self._arrange()
        self.endResetModel()

    def narrow(self, task: int | None, needle: str) -> None:
        """Show only memories of one task (None: of all) whose sentence or action has `needle` in it."""
        wanted = (task, needle.strip().lower())
        if wanted != (self._task, self._needle):
            self.beginResetModel()
            self._task, self._needle = wanted
            self._arrange()
            self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a field."""
        self.layoutAboutToBeChanged.emit()
        self._sorting = (column, order)
        self._arrange()
        self.layoutChanged.emit()

    def counts(self) -> dict[int, int]:
        """Return how many memories each task has, whatever is shown."""
        columns, numbers = np.unique(self._columns, return_counts=True)
        return dict(zip(columns.tolist(), numbers.tolist(), strict=True))

    def entry(self, row: int) -> MemoryEntry:
        """Return the memory in a row."""
        return self._entries[int(self._rows[row])]

    def entries(self, first: int, end: int) -> list[MemoryEntry]:
        """Return the memories of neighbouring rows."""
        return [self._entries[place] for place in self._rows[first:end].tolist()]

    def rows_of(self, ids: set[int]) -> list[int]:
        """Return the rows of memories that are shown, in order."""
        return [row for row, place in enumerate(self._rows.tolist()) if self._entries[place].id in ids] if ids else []

    def is_pinned(self, entry: MemoryEntry) -> bool:
        """Whether a memory is kept whatever comes."""
        return entry.id in self._pinned

    @property
    def held(self) -> int:
        """How many memories there are, shown or not."""
        return len(self._entries)

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return how many memories are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return how many fields a memory has."""
        return 0 if parent.isValid() else len(FIELDS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a field in words, or the memory itself."""
        entry, field = self.entry(index.row()), FIELDS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.words(entry, field)
            case Qt.ItemDataRole.ToolTipRole if field.key in ("task", "text"):
                return self.words(entry, field)
            case Qt.ItemDataRole.TextAlignmentRole if field.number:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case _ if role == ENTRY:
                return entry
            case _ if role == PINNED:
                return entry.id in self._pinned
        return None

    def words(self, entry: MemoryEntry, field: Field) -> str:
        """Return a field as people read it."""
        match field.key:
            case "task":
                return self._names[entry.column] if entry.column < len(self._names) else ""
            case "reward":
                return signed(entry.reward)
            case "step" | "id":
                return count(field.value(entry))
            case _:
                return str(field.value(entry))

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a field's title."""
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            # at the left even over numbers: the arrow of sorting stands at the right
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return FIELDS[section].title() if role == Qt.ItemDataRole.DisplayRole else None

    def _arrange(self) -> None:
        rows = np.arange(len(self._entries)) if self._task is None else np.flatnonzero(self._columns == self._task)
        if self._needle:
            rows = np.array([row for row in rows.tolist() if self._matches(self._entries[row])], dtype=np.int64)
        column, order = self._sorting
        field = FIELDS[column]
        keys = [field.value(self._entries[row]) for row in rows.tolist()]
        ranks = np.argsort(keys, kind="stable") if field.number else sorted(range(len(keys)), key=keys.__getitem__)
        ascending = rows[np.asarray(ranks, dtype=np.int64)]
        # turned round, so that among equals the newest comes first
        self._rows = ascending if order == Qt.SortOrder.AscendingOrder else ascending[::-1]

    def _matches(self, entry: MemoryEntry) -> bool:
        return self._needle in entry.text.lower() or self._needle in entry.action.lower()
