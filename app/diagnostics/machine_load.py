"""CPU, GPU and memory load of the machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psutil
import pynvml
from PySide6.QtCore import QObject, QTimer, Signal


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """One reading."""

    processor: float
    """Share of all cores in use, in percent."""
    memory: float
    """What the lab itself holds, in bytes."""
    graphics: float | None = None
    """Share of time in which the first GPU was busy, in percent; None where there is no GPU."""


class LoadMonitor(QObject):
    """Reads the machine's load once a second.

    Signals:
        measured: a `MachineLoad`.
    """

    measured = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = psutil.Process()
        self._graphics = graphics_meter()
        psutil.cpu_percent()  # the first reading has nothing to compare with
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self._measure)
        self._timer.start()

    def _measure(self) -> None:
        memory = float(self._process.memory_info().rss)
        self.measured.emit(MachineLoad(psutil.cpu_percent(), memory, self._graphics()))


def graphics_meter() -> Callable[[], float | None]:
    """Return what reads the load of the first NVIDIA GPU; None is its reading where there is none."""
    try:
        pynvml.nvmlInit()
        device = pynvml.nvmlDeviceGetHandleByIndex(0)
    except pynvml.NVMLError:
        return lambda: None
    return lambda: float(pynvml.nvmlDeviceGetUtilizationRates(device).gpu)
