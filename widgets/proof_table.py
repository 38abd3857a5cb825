"""Every figure of a benchmark beside its goal and its control, with a mark of the verdict."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from agents.benchmarks.figure import Figure
from widgets.proof_marks import MARKS, verdict_icon
from widgets.words import tr

TITLES = ("", "What", "Figure", "Goal", "Control")

_MARK = 32
"""Width of the column of marks, in pixels."""


class ProofTable(QTableWidget):
    """A row a figure; how it was measured is in its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(TITLES), parent)
        self._figures: tuple[Figure, ...] = ()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(28)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(_MARK)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.setColumnWidth(0, _MARK)
        for wide in (1, len(TITLES) - 1):
            header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)

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
            for column, text in enumerate((figure.name, figure.measured, figure.goal, figure.controlled), 1):
                self.setItem(place, column, _cell(figure, text))


def _mark(figure: Figure) -> QTableWidgetItem:
    cell = _cell(figure, "")
    cell.setIcon(verdict_icon(figure.verdict))
    cell.setData(Qt.ItemDataRole.AccessibleTextRole, tr(MARKS[figure.verdict].words))
    return cell


def _cell(figure: Figure, text: str) -> QTableWidgetItem:
    cell = QTableWidgetItem(text)
    told = (
        f"{tr(MARKS[figure.verdict].words)}: {figure.name}",
        figure.measured,
        figure.goal,
        figure.controlled,
        figure.source,
    )
    cell.setToolTip("\n".join(line for line in told if line))
    return cell
