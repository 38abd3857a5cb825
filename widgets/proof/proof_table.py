"""The table of a benchmark's figures, with goal, control and verdict."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from agents.benchmarks.report.figure import Figure
from widgets.proof.proof_marks import MARKS, verdict_icon
from widgets.style.translation import tr

TITLES = ("", "What", "Figure", "Goal", "Control")

Index = QModelIndex | QPersistentModelIndex
_GOAL = 3
_SHARES = {1: 0.44, 2: 0.28, 4: 0.28}
"""Columns with wrapped text, and their shares of the remaining width."""
_MARK = 34
"""Width of the column of marks, in pixels."""
_PADDING, _MAX_HEIGHT = 12, 400
"""Padding of a cell's text, and maximum height of a cell, in pixels."""


class ProofTable(QTableWidget):
    """A table with one row per figure; the tooltip has its source."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(TITLES), parent)
        self._figures: tuple[Figure, ...] = ()
        self.setItemDelegate(_Wrapped(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(_MARK)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def show_figures(self, figures: tuple[Figure, ...]) -> None:
        """Show these figures."""
        if figures != self._figures:
            self._figures = figures
            self.redraw()

    def redraw(self) -> None:
        """Fill all cells again, in the current language and colours."""
        self.setHorizontalHeaderLabels([tr(title) if title else "" for title in TITLES])
        self.setRowCount(len(self._figures))
        for row, figure in enumerate(self._figures):
            self.setItem(row, 0, _mark(figure))
            texts = (figure.name, "\n".join(figure.measured), figure.goal, "\n".join(figure.controlled))
            for column, text in enumerate(texts, 1):
                self.setItem(row, column, _cell(figure, text.strip()))
        self._fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the columns to the new width."""
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Fit marks and goals to their content, and give the other columns their shares of the rest."""
        self.setColumnWidth(0, _MARK)
        self.resizeColumnToContents(_GOAL)
        rest = max(self.viewport().width() - _MARK - self.columnWidth(_GOAL), len(_SHARES) * _MARK)
        for column, share in _SHARES.items():
            self.setColumnWidth(column, int(share * rest))
        self.resizeRowsToContents()


class _Wrapped(QStyledItemDelegate):
    """Gives a row the height of its wrapped text; Qt ignores the padding that the style sheet sets."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Return the size of a cell at its column's width."""
        if index.column() not in _SHARES:
            return super().sizeHint(option, index)
        table = self.parent()
        assert isinstance(table, QTableWidget), "the parent is the table"
        available = QRect(0, 0, table.columnWidth(index.column()) - 2 * _PADDING, _MAX_HEIGHT)
        text_box = option.fontMetrics.boundingRect(available, Qt.TextFlag.TextWordWrap, index.data())
        return QSize(available.width(), text_box.height() + _PADDING)


def _mark(figure: Figure) -> QTableWidgetItem:
    cell = _cell(figure, "")
    cell.setIcon(verdict_icon(figure.verdict))
    cell.setData(Qt.ItemDataRole.AccessibleTextRole, tr(MARKS[figure.verdict].text))
    return cell


def _cell(figure: Figure, text: str) -> QTableWidgetItem:
    cell = QTableWidgetItem(text)
    title = f"{tr(MARKS[figure.verdict].text)}: {figure.name}"
    lines = (title, " ".join(figure.measured), figure.goal, " ".join(figure.controlled).strip(), figure.source)
    cell.setToolTip("\n".join(line for line in lines if line))
    return cell
