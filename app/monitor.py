"""How busy the machine is."""

from __future__ import annotations

from dataclasses import dataclass

import psutil
from PySide6.QtCore import QObject, QTimer, Signal


@dataclass(frozen=True, slots=True)
class Load:
    """One reading."""

    processor: float
    """Share of all cores in use, in percent."""
    memory: float
    """What the lab itself holds, in bytes."""


class Monitor(QObject):
    """Reads the machine's load once a second.

    Signals:
        measured: a `Load`.
    """

    measured = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = psutil.Process()
        psutil.cpu_percent()  # the first reading has nothing to compare with
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self._measure)
        self._timer.start()

    def _measure(self) -> None:
        self.measured.emit(Load(psutil.cpu_percent(), float(self._process.memory_info().rss)))
