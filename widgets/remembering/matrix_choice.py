"""Selects which run's evaluation matrix, or which difference of matrices, is shown while runs are overlaid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from widgets.remembering.matrix_data import MatrixData
from widgets.shell.card import Elided
from widgets.style.panel_style import BREAK, GAP, flat_combo, row
from widgets.style.translation import tr


class MatrixChoice(QWidget):
    """A combo box of the run in front, the overlaid runs, and their differences; beside it, how their settings differ.

    Hidden while no run is overlaid.

    Signals:
        chosen: another matrix was selected.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: list[str] = []
        self._differences: Sequence[str] = ()
        self.of, self.differs = flat_combo(), Elided()
        self.differs.setProperty("small", True)
        self.of.currentIndexChanged.connect(self._choose)
        layout = row(self.of, self.differs, spacing=3 * GAP)
        layout.setStretchFactor(self.differs, 1)
        self.setLayout(layout)
        self.hide()

    def show_runs(self, runs: Sequence[str], differences: Sequence[str]) -> None:
        """Set the runs, the one in front first; `differences` has a text for each of the others."""
        (front, *others), was_front = runs, self.of.currentIndex() < 1
        chosen = front if was_front else self.of.currentText()  # the previous run in front may be an overlay now
        minus = [tr("{run} − {front}", run=other, front=front) for other in others]
        items, self._differences = [front, *others, *minus], differences
        if items != self._runs:
            self._runs = items
            with QSignalBlocker(self.of):
                self.of.clear()
                self.of.addItems(items)
                self.of.setCurrentIndex(max(self.of.findText(chosen), 0))
        self.setVisible(bool(others))
        self._update_text()

    def clear(self) -> None:
        """Remove all runs."""
        self._runs, self._differences = [], ()
        with QSignalBlocker(self.of):
            self.of.clear()
        self.differs.set_full_text("")
        self.hide()

    @property
    def other(self) -> int | None:
        """Index, among the overlaid runs, of the one whose matrix or difference is shown; None: of neither."""
        index, others = self.of.currentIndex(), len(self._differences)
        return None if index < 1 or not others else (index - 1) % others

    @property
    def is_difference(self) -> bool:
        """Whether the difference to the run in front is selected."""
        return self.of.currentIndex() > len(self._differences) > 0

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self.of.setAccessibleName(tr("Whose scores the matrix shows"))
        self.of.setToolTip(tr("Whose scores the matrix shows; “A − B” is what A has more or less than B"))

    def _choose(self) -> None:
        self._update_text()
        self.chosen.emit()

    def _update_text(self) -> None:
        indices = range(len(self._differences)) if self.other is None else [self.other]
        texts = [
            tr("{run}: {differences}", run=self._runs[1 + index], differences=self._differences[index])
            for index in indices
        ]
        self.differs.set_full_text(BREAK.join(texts))


def difference(front: MatrixData, other: MatrixData, task_ids: Mapping[int, int]) -> MatrixData:
    """Return `other.matrix` minus `front.matrix`, with the rows and columns of `front`; NaN: not measured in both.

    `task_ids` maps columns of `front` to those of `other`. Rows are matched if they follow the same stage: the
    first such stage in both, the second, and so on.
    """
    matrix = np.full_like(front.matrix, np.nan)
    theirs = {key: index for index, key in enumerate(_row_keys(other))}
    for index, key in enumerate(_row_keys(front)):
        if key in theirs:
            for ours, task_id in task_ids.items():
                matrix[index, ours] = other.matrix[theirs[key], task_id] - front.matrix[index, ours]
    return replace(front, matrix=matrix)


def _row_keys(data: MatrixData) -> list[tuple[str, int]]:
    """Return, for every row, the title of its stage and its number of earlier occurrences; "now" for the last row."""
    titles = [*data.titles, *(["now"] if data.live else [])]
    return [(title, titles[:index].count(title)) for index, title in enumerate(titles)]
