"""The evaluation matrix as a Qt table model."""

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
_MIN_DIFFERENCE = 0.005
"""The smallest difference that is not rounded to 0.00."""
OWN, LIVE, HUE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
"""Roles: whether the cell is the end of its task's own stage; whether its row is within a stage; its task's hue."""


class MatrixModel(QAbstractTableModel):
    """A table with one row per stage and one column per task; the `EditRole` is the score, or None if not measured."""

    def __init__(self) -> None:
        super().__init__()
        self._data: MatrixData | None = None
        self._signed = False
        self._names: list[TaskName] = []
        self._rows: list[str] = []

    def show(self, data: MatrixData, names: list[TaskName], rows: list[str], *, signed: bool) -> None:
        """Show a matrix, with the names of its columns and rows; `signed` for a matrix of differences."""
        self.beginResetModel()
        self._signed = signed
        self._data, self._names, self._rows = data, names, rows
        self.endResetModel()

    @property
    def names(self) -> list[TaskName]:
        """Names of the tasks, by column."""
        return self._names

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return the number of rows."""
        return 0 if parent.isValid() or self._data is None else len(self._data.matrix)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return the number of tasks."""
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, score, tooltip, or one of the roles above."""
        value, row, column = self._value(index), index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(value)
            case Qt.ItemDataRole.EditRole:
                return value
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._sentence(row, column, value)
            case _ if role == HUE:
                return self._names[column].hue
            case _ if role == OWN:
                return self._data is not None and self._data.own[column] == row
            case _ if role == LIVE:
                return self._data is not None and self._data.live and row == len(self._rows) - 1
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the name of a task or of a stage."""
        names = self._names if orientation == Qt.Orientation.Horizontal else self._rows
        if role == HUE and orientation == Qt.Orientation.Horizontal:
            return self._names[section].hue
        text_roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        return names[section] if role in text_roles and section < len(names) else None

    def _value(self, index: Index) -> float | None:
        if self._data is None:
            return None
        value = float(self._data.matrix[index.row(), index.column()])
        return None if np.isnan(value) else value

    def _sentence(self, row: int, column: int, value: float | None) -> str:
        cell = {"task": self._names[column], "row": self._rows[row]}
        if value is None:
            return tr("{task}, {row}: not measured", **cell)
        return tr("{task}, {row}: {score}", score=self._text(value), **cell)

    def _text(self, value: float | None) -> str:
        if not self._signed or value is None or abs(value) < _MIN_DIFFERENCE:
            return score(value)
        return f"{'▲' if value > 0 else '▼'} {score(abs(value))}"
