"""Measure how long the window's thread is blocked, by a timer that should fire regularly."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

BEAT = 16
"""Milliseconds between two beats: a picture of a screen with 60 Hz."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a heartbeat came to, in milliseconds between two beats."""

    median: float
    late: float
    """The 99th percentile."""
    longest: float
    beats: int


class EventLoopProbe(QObject):
    """Beats while it is started, and remembers how long each beat kept one waiting."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gaps: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self, interval=BEAT, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to beat, or go on; the time between does not count."""
        self._last = perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Hold; what has passed since the last beat counts."""
        if self._timer.isActive():
            self._beat()
            self._timer.stop()

    def pulse(self) -> Pulse:
        """Return how regular it was."""
        gaps = np.array(self._gaps)
        late = float(np.percentile(gaps, 99))
        return Pulse(float(np.median(gaps)), late, float(gaps.max()), len(gaps))

    def _beat(self) -> None:
        now = perf_counter()
        self._gaps.append((now - self._last) * 1000)
        self._last = now
