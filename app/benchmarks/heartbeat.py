"""Measure how long the window's thread is blocked, by a timer that should fire regularly."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

TICK = 16
"""Interval of the timer in milliseconds: a frame at 60 Hz."""


@dataclass(frozen=True, slots=True)
class TickIntervals:
    """Statistics of the milliseconds between two ticks."""

    median: float
    p99: float
    longest: float
    count: int


class EventLoopProbe(QObject):
    """A timer in the window's thread that records the intervals between its ticks."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._intervals: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self, interval=TICK, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Start or restart the timer; the time since `stop` does not count."""
        self._last = perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Stop the timer; the time since the last tick counts as an interval."""
        if self._timer.isActive():
            self._tick()
            self._timer.stop()

    def statistics(self) -> TickIntervals:
        """Return the statistics of all intervals."""
        intervals = np.array(self._intervals)
        p99 = float(np.percentile(intervals, 99))
        return TickIntervals(float(np.median(intervals)), p99, float(intervals.max()), len(intervals))

    def _tick(self) -> None:
        now = perf_counter()
        self._intervals.append((now - self._last) * 1000)
        self._last = now
