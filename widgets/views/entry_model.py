"""A Qt table model of stored entries, filtered and sorted by an index array, fast enough for 100,000 entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from widgets.style.task_names import TaskName, hue_of

Index = QModelIndex | QPersistentModelIndex
Rows = NDArray[np.int64]
_NOWHERE = QModelIndex()
ENTRY, PINNED, HUE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
"""Roles for the entry itself, whether it is pinned, and the hue of its task."""


class Entry(Protocol):
    """An object with a unique, constant id."""

    @property
    def id(self) -> int:
        """The entry's id, unique within its run."""
        ...


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Field(Generic[E]):
    """A column of the table."""

    key: str
    title: Callable[[], str]
    """The column's header, in the current language."""
    value: Callable[[E], Any]
    """The sort key."""
    text: Callable[[E, Sequence[str]], str]
    """The displayed text, given the names of the tasks."""
    width: int
    """Width in pixels; 0 takes the remaining width."""
    needs: int = 0
    """Minimum width of the table in which the column is shown, in pixels."""
    number: bool = False
    has_tooltip: bool = False
    """Whether a tooltip shows the text in full."""


class EntryModel(QAbstractTableModel, Generic[E]):
    """A table with one row per entry and one column per field; subclasses override `filtered` and `is_pinned`."""

    def __init__(self, fields: tuple[Field[E], ...], sorted_by: str) -> None:
        super().__init__()
        self.fields = fields
        self.all_entries: Sequence[E] = ()
        """All entries, shown or not."""
        self.names: Sequence[TaskName] = ()
        """Names of the tasks, by task id."""
        self._rows: Rows = np.empty(0, dtype=np.int64)
        """Index into `all_entries` of every row."""
        self._sorting = (self.column_of(sorted_by), Qt.SortOrder.DescendingOrder)

    def filtered(self) -> Rows:
        """Return the indices of the entries to show, in any order; shape (rows,)."""
        return np.arange(len(self.all_entries))

    def is_pinned(self, entry: E) -> bool:
        """Return whether an entry is protected from being replaced."""
        return False

    def column_of(self, key: str) -> int:
        """Return the column of a field."""
        return next(column for column, field in enumerate(self.fields) if field.key == key)

    def set_entries(self, entries: Sequence[E], names: Sequence[TaskName]) -> None:
        """Replace all entries."""
        self.beginResetModel()
        self.all_entries, self.names = entries, names
        self._arrange()
        self.endResetModel()

    def refilter(self) -> None:
        """Apply a changed filter."""
        self.beginResetModel()
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        self.layoutAboutToBeChanged.emit()
        self._sorting = (column, order)
        self._arrange()
        self.layoutChanged.emit()

    def entry(self, row: int) -> E:
        """Return the entry in a row."""
        return self.all_entries[int(self._rows[row])]

    def entries(self, first: int, end: int) -> list[E]:
        """Return the entries of the rows from `first` up to, not including, `end`."""
        return [self.all_entries[index] for index in self._rows[first:end].tolist()]

    def rows_of(self, ids: set[int]) -> list[int]:
        """Return the rows of the entries with these ids, as far as they are shown, in ascending order."""
        entries = self.all_entries
        return [row for row, index in enumerate(self._rows.tolist()) if entries[index].id in ids] if ids else []

    @property
    def total(self) -> int:
        """The number of entries, shown or not."""
        return len(self.all_entries)

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return the number of entries shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return the number of fields."""
        return 0 if parent.isValid() else len(self.fields)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a field's text or, for the roles above, the entry, its pin or its hue."""
        entry, field = self.entry(index.row()), self.fields[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return field.text(entry, self.names)
            case Qt.ItemDataRole.ToolTipRole if field.has_tooltip:
                return field.text(entry, self.names)
            case Qt.ItemDataRole.TextAlignmentRole if field.number:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case _ if role == ENTRY:
                return entry
            case _ if role == HUE:
                return hue_of(self.names, getattr(entry, "task_id", None))  # not every entry belongs to a task
            case _ if role == PINNED:
                return self.is_pinned(entry)
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a field's title."""
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            # left-aligned even over numbers: the sort indicator is at the right
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return self.fields[section].title() if role == Qt.ItemDataRole.DisplayRole else None

    def _arrange(self) -> None:
        rows = self.filtered()  # (N,)
        column, order = self._sorting
        field = self.fields[column]
        keys = [field.value(self.all_entries[row]) for row in rows.tolist()]
        ranks = np.argsort(keys, kind="stable") if field.number else sorted(range(len(keys)), key=keys.__getitem__)
        ascending = rows[np.asarray(ranks, dtype=np.int64)]
        # reversed after a stable sort, so that of equal keys the newest comes first
        self._rows = ascending if order == Qt.SortOrder.AscendingOrder else ascending[::-1]


def name_of_task(task_id: int | None, names: Sequence[str]) -> str:
    """Return the name of a task by its id; empty for None, or a task that is not known yet."""
    return names[task_id] if task_id is not None and task_id < len(names) else ""
