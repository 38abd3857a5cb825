"""When the panels are redrawn: soon after user input, otherwise rarely enough not to slow down the run."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

DRAW_EVERY, TELL_EVERY = 0.1, 0.2
"""Seconds between two drawings of the panels, where a person did something and where only the run went on."""


class RedrawTimer(QObject):
    """Turns any number of wishes to draw into few drawings.

    Signals:
        due: draw now.
    """

    due = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._drawn = 0.0
        self._drawing = QTimer(self, singleShot=True)
        self._drawing.timeout.connect(self.draw)

    def ask(self, every: float) -> None:
        """Have it drawn soon, but not before `every` seconds after the last time."""
        wait = max(round((every - (monotonic() - self._drawn)) * 1000), 0)
        if not self._drawing.isActive() or wait < self._drawing.remainingTime():
            self._drawing.start(wait)

    def draw(self) -> None:
        """Have it drawn at once."""
        self._drawing.stop()
        self._drawn = monotonic()
        self.due.emit()
