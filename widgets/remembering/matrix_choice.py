"""Whose scores a matrix shows where runs are laid over each other, and how those runs differ."""

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
    """A list of the run in front, the others, and what each of them has more or less; beside it how they differ.

    Takes no room while no run is laid over.

    Signals:
        chosen: another matrix is to be shown.
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
        """Offer these runs, the first is in front; `differences` says of each of the others how it differs from it."""
        (front, *others), was_front = runs, self.of.currentIndex() < 1
        chosen = front if was_front else self.of.currentText()  # the run that was in front may lie under another now
        minus = [tr("{run} − {front}", run=other, front=front) for other in others]
        offered, self._differences = [front, *others, *minus], differences
        if offered != self._runs:
            self._runs = offered
            with QSignalBlocker(self.of):
                self.of.clear()
                self.of.addItems(offered)
                self.of.setCurrentIndex(max(self.of.findText(chosen), 0))
        self.setVisible(bool(others))
        self._say()

    def clear(self) -> None:
        """Offer nothing: no run is in front."""
        self._runs, self._differences = [], ()
        with QSignalBlocker(self.of):
            self.of.clear()
        self.differs.set_full_text("")
        self.hide()

    @property
    def other(self) -> int | None:
        """The place of the run laid over whose scores are to be shown, or compared; None: the one in front alone."""
        place, others = self.of.currentIndex(), len(self._differences)
        return None if place < 1 or not others else (place - 1) % others

    @property
    def is_difference(self) -> bool:
        """Whether it is the difference to the run in front that is to be shown."""
        return self.of.currentIndex() > len(self._differences) > 0

    def retranslate(self) -> None:
        """Write every text again."""
        self.of.setAccessibleName(tr("Whose scores the matrix shows"))
        self.of.setToolTip(tr("Whose scores the matrix shows; “A − B” is what A has more or less than B"))

    def _choose(self) -> None:
        self._say()
        self.chosen.emit()

    def _say(self) -> None:
        places = range(len(self._differences)) if self.other is None else [self.other]
        said = [
            tr("{run}: {differences}", run=self._runs[1 + place], differences=self._differences[place])
            for place in places
        ]
        self.differs.set_full_text(BREAK.join(said))


def difference(front: MatrixData, other: MatrixData, task_ids: Mapping[int, int]) -> MatrixData:
    """Return, in the rows and columns of `front`, how much higher the other's scores are; NaN: not measured in both.

    `task_ids` says where our columns are among the other's. Rows belong together if they follow the same stage, the
    first such stage in both, the second, and so on.
    """
    matrix = np.full_like(front.matrix, np.nan)
    theirs = {key: place for place, key in enumerate(_rows(other))}
    for place, key in enumerate(_rows(front)):
        if key in theirs:
            for ours, task_id in task_ids.items():
                matrix[place, ours] = other.matrix[theirs[key], task_id] - front.matrix[place, ours]
    return replace(front, matrix=matrix)


def _rows(shown: MatrixData) -> list[tuple[str, int]]:
    """Return the title of the stage of each row, and how often it came before; the row of now belongs to no other."""
    titles = [*shown.titles, *(["now"] if shown.live else [])]
    return [(title, titles[:place].count(title)) for place, title in enumerate(titles)]
