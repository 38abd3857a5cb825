"""The evaluation matrix as a table that Qt's views, and screen readers, understand."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from widgets.remembering.matrix_data import MatrixData
from widgets.style.numbers import score
from widgets.style.task_names import TaskName
from widgets.style.translation import tr

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_LEAST = 0.005
"""The smallest difference that two decimals can show."""
OWN, LIVE, HUE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
"""Whether the cell is its task's own stage; whether its row is now; its task's colour."""


class MatrixModel(QAbstractTableModel):
    """A row a stage, a column a task; a cell's `EditRole` is its score, or None where it is unknown."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: MatrixData | None = None
        self._signed = False
        self._names: list[TaskName] = []
        self._rows: list[str] = []

    def show(self, shown: MatrixData, names: list[TaskName], rows: list[str], *, signed: bool) -> None:
        """Show a matrix, with the names of its columns and rows; `signed`: of differences, which rise and fall."""
        self.beginResetModel()
        self._signed = signed
        self._shown, self._names, self._rows = shown, names, rows
        self.endResetModel()

    @property
    def names(self) -> list[TaskName]:
        """What the tasks are called, by column."""
        return self._names

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return how many rows there are."""
        return 0 if parent.isValid() or self._shown is None else len(self._shown.matrix)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return how many tasks there are."""
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the score of a cell, or words about it."""
        value, row, column = self._value(index), index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._written(value)
            case Qt.ItemDataRole.EditRole:
                return value
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._sentence(row, column, value)
            case _ if role == HUE:
                return self._names[column].hue
            case _ if role == OWN:
                return self._shown is not None and self._shown.own[column] == row
            case _ if role == LIVE:
                return self._shown is not None and self._shown.live and row == len(self._rows) - 1
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the name of a task or of a stage."""
        names = self._names if orientation == Qt.Orientation.Horizontal else self._rows
        if role == HUE and orientation == Qt.Orientation.Horizontal:
            return self._names[section].hue
        named = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        return names[section] if role in named and section < len(names) else None

    def _value(self, index: Index) -> float | None:
        if self._shown is None:
            return None
        value = float(self._shown.matrix[index.row(), index.column()])
        return None if np.isnan(value) else value

    def _sentence(self, row: int, column: int, value: float | None) -> str:
        where = {"task": self._names[column], "row": self._rows[row]}
        if value is None:
            return tr("{task}, {row}: not measured", **where)
        return tr("{task}, {row}: {score}", score=self._written(value), **where)

    def _written(self, value: float | None) -> str:
        if not self._signed or value is None or abs(value) < _LEAST:
            return score(value)
        return f"{'▲' if value > 0 else '▼'} {score(abs(value))}"
