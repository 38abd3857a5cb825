"""Schedule redrawing the panels: soon after user input, otherwise rarely enough not to slow down the run."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

INPUT_INTERVAL, RUN_INTERVAL = 0.1, 0.2
"""Least seconds between two redraws, after user input and after events of the run."""


class RedrawTimer(QObject):
    """Merges any number of requests into few redraws.

    Signals:
        redraw_requested: redraw now.
    """

    redraw_requested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last_drawn = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.draw)

    def request(self, every: float) -> None:
        """Redraw soon, but not before `every` seconds after the last time."""
        wait = max(round((every - (monotonic() - self._last_drawn)) * 1000), 0)
        if not self._timer.isActive() or wait < self._timer.remainingTime():
            self._timer.start(wait)

    def draw(self) -> None:
        """Redraw at once."""
        self._timer.stop()
        self._last_drawn = monotonic()
        self.redraw_requested.emit()
