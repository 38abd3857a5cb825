"""What an agent keeps as a table: filtered, searched and sorted by rows of numbers, so that 100,000 stay light."""

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
"""The entry itself, whether it is kept whatever comes, and its task's colour."""


class Entry(Protocol):
    """Something with a number for life."""

    @property
    def id(self) -> int:
        """The number."""
        ...


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Field(Generic[E]):
    """A column of the table."""

    key: str
    title: Callable[[], str]
    """Its heading, in the language now chosen."""
    value: Callable[[E], Any]
    """What is sorted by."""
    say: Callable[[E, Sequence[str]], str]
    """What people read, given the names of the tasks."""
    width: int
    """In pixels; 0 takes the room that is left."""
    needs: int = 0
    """Narrowest table in which it is shown."""
    number: bool = False
    tells: bool = False
    """Whether it is whole in its tooltip."""


class EntryModel(QAbstractTableModel, Generic[E]):
    """Rows of `fields`; a subclass says which entries are shown."""

    def __init__(self, fields: tuple[Field[E], ...], sorted_by: str) -> None:
        super().__init__()
        self.fields = fields
        self.held_entries: Sequence[E] = ()
        """All of them, shown or not."""
        self.names: Sequence[TaskName] = ()
        """Of the tasks, by column."""
        self._rows: Rows = np.empty(0, dtype=np.int64)
        self._sorting = (self.place(sorted_by), Qt.SortOrder.DescendingOrder)

    def kept(self) -> Rows:
        """Return the places of those that are shown, in any order."""
        return np.arange(len(self.held_entries))

    def is_pinned(self, entry: E) -> bool:
        """Whether an entry is kept whatever comes."""
        return False

    def place(self, key: str) -> int:
        """Return the place of a field."""
        return next(at for at, field in enumerate(self.fields) if field.key == key)

    def hold(self, entries: Sequence[E], names: Sequence[TaskName]) -> None:
        """Hold these entries instead."""
        self.beginResetModel()
        self.held_entries, self.names = entries, names
        self._arrange()
        self.endResetModel()

    def rearrange(self) -> None:
        """Show those that are kept now."""
        self.beginResetModel()
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a field."""
        self.layoutAboutToBeChanged.emit()
        self._sorting = (column, order)
        self._arrange()
        self.layoutChanged.emit()

    def entry(self, row: int) -> E:
        """Return the entry in a row."""
        return self.held_entries[int(self._rows[row])]

    def entries(self, first: int, end: int) -> list[E]:
        """Return the entries of neighbouring rows."""
        return [self.held_entries[place] for place in self._rows[first:end].tolist()]

    def rows_of(self, ids: set[int]) -> list[int]:
        """Return the rows of entries that are shown, in order."""
        held = self.held_entries
        return [row for row, place in enumerate(self._rows.tolist()) if held[place].id in ids] if ids else []

    @property
    def held(self) -> int:
        """How many entries there are, shown or not."""
        return len(self.held_entries)

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return how many entries are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return how many fields an entry has."""
        return 0 if parent.isValid() else len(self.fields)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a field in words, or the entry itself."""
        entry, field = self.entry(index.row()), self.fields[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return field.say(entry, self.names)
            case Qt.ItemDataRole.ToolTipRole if field.tells:
                return field.say(entry, self.names)
            case Qt.ItemDataRole.TextAlignmentRole if field.number:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case _ if role == ENTRY:
                return entry
            case _ if role == HUE:
                return hue_of(self.names, getattr(entry, "column", None))  # not every entry belongs to a task
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
            # at the left even over numbers: the arrow of sorting stands at the right
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return self.fields[section].title() if role == Qt.ItemDataRole.DisplayRole else None

    def _arrange(self) -> None:
        rows = self.kept()
        column, order = self._sorting
        field = self.fields[column]
        keys = [field.value(self.held_entries[row]) for row in rows.tolist()]
        ranks = np.argsort(keys, kind="stable") if field.number else sorted(range(len(keys)), key=keys.__getitem__)
        ascending = rows[np.asarray(ranks, dtype=np.int64)]
        # turned round, so that among equals the newest comes first
        self._rows = ascending if order == Qt.SortOrder.AscendingOrder else ascending[::-1]


def task_name(column: int | None, names: Sequence[str]) -> str:
    """Return what the task of a column is called; empty for none, or one that is not known yet."""
    return names[column] if column is not None and column < len(names) else ""
