"""CPU, GPU and memory load of the machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psutil
import pynvml
from PySide6.QtCore import QObject, QTimer, Signal


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """One measurement of the load."""

    processor: float
    """Share of all cores in use, in percent."""
    memory: float
    """Resident memory of this process, in bytes."""
    graphics: float | None = None
    """Share of time in which the first GPU was busy, in percent; None if there is no GPU."""


class LoadMonitor(QObject):
    """Reads the machine's load once a second.

    Signals:
        measured: a `MachineLoad`.
    """

    measured = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = psutil.Process()
        self._read_gpu = gpu_load_reader()
        psutil.cpu_percent()  # measures since the previous call, so the first value means nothing
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self._measure)
        self._timer.start()

    def _measure(self) -> None:
        memory = float(self._process.memory_info().rss)
        self.measured.emit(MachineLoad(psutil.cpu_percent(), memory, self._read_gpu()))


def gpu_load_reader() -> Callable[[], float | None]:
    """Return a function that reads the load of the first NVIDIA GPU in percent, or None if there is none."""
    try:
        pynvml.nvmlInit()
        device = pynvml.nvmlDeviceGetHandleByIndex(0)
    except pynvml.NVMLError:
        return lambda: None
    return lambda: float(pynvml.nvmlDeviceGetUtilizationRates(device).gpu)
