"""Every figure of a benchmark beside its goal and its control, with a mark of the verdict."""

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
"""Which columns wrap their words, and how much of the width each of them has."""
_MARK = 34
"""Width of the column of marks, in pixels."""
_PADDING, _TALLEST = 12, 400
"""Beside the words of a cell, and the tallest that one gets."""


class ProofTable(QTableWidget):
    """A row a figure; how it was measured is in its tooltip."""

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
        """Write every cell again, in the language and the colours now chosen."""
        self.setHorizontalHeaderLabels([tr(title) if title else "" for title in TITLES])
        self.setRowCount(len(self._figures))
        for place, figure in enumerate(self._figures):
            self.setItem(place, 0, _mark(figure))
            texts = (figure.name, "\n".join(figure.measured), figure.goal, "\n".join(figure.controlled))
            for column, text in enumerate(texts, 1):
                self.setItem(place, column, _cell(figure, text.strip()))
        self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the new width out."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        """Give marks and goals what they need, and the others their shares of what is left."""
        self.setColumnWidth(0, _MARK)
        self.resizeColumnToContents(_GOAL)
        rest = max(self.viewport().width() - _MARK - self.columnWidth(_GOAL), len(_SHARES) * _MARK)
        for column, share in _SHARES.items():
            self.setColumnWidth(column, int(share * rest))
        self.resizeRowsToContents()


class _Wrapped(QStyledItemDelegate):
    """Gives a row the height of its wrapped words; Qt forgets the padding that the style sheet gives a cell."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Return the room of a cell at its column's width."""
        if index.column() not in _SHARES:
            return super().sizeHint(option, index)
        table = self.parent()
        assert isinstance(table, QTableWidget), "it is made by the table"
        room = QRect(0, 0, table.columnWidth(index.column()) - 2 * _PADDING, _TALLEST)
        words = option.fontMetrics.boundingRect(room, Qt.TextFlag.TextWordWrap, index.data())
        return QSize(room.width(), words.height() + _PADDING)


def _mark(figure: Figure) -> QTableWidgetItem:
    cell = _cell(figure, "")
    cell.setIcon(verdict_icon(figure.verdict))
    cell.setData(Qt.ItemDataRole.AccessibleTextRole, tr(MARKS[figure.verdict].words))
    return cell


def _cell(figure: Figure, text: str) -> QTableWidgetItem:
    cell = QTableWidgetItem(text)
    title = f"{tr(MARKS[figure.verdict].words)}: {figure.name}"
    told = (title, " ".join(figure.measured), figure.goal, " ".join(figure.controlled).strip(), figure.source)
    cell.setToolTip("\n".join(line for line in told if line))
    return cell
