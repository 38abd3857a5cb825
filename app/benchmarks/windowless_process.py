"""The parent's side of `windowless`: start the subprocess, pause and resume it."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal


class WindowlessProcess(QObject):
    """Controls a subprocess of `app.benchmarks.windowless` from an event loop.

    Signals:
        paused: its run is paused.
        weighed: `memory` is updated.
        over: it has ended.
    """

    paused = Signal()
    weighed = Signal()
    over = Signal()

    def __init__(self, curriculum: Path, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.times: dict[int, float] = {}
        """Seconds of training by step, after each update."""
        self.memory = 0
        """Resident memory in bytes at the last `weigh`."""
        self._goal = 0
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finish)
        self._arguments = ["-m", "app.benchmarks.windowless", str(curriculum), str(runs)]

    @property
    def has_failed(self) -> bool:
        """Whether it ended with an error."""
        return self._process.state() == QProcess.ProcessState.NotRunning and self._process.exitCode() != 0

    def start(self) -> None:
        """Start the process; it pauses before the first step."""
        self._process.start(sys.executable, self._arguments)

    def run_to(self, step: int = sys.maxsize) -> None:
        """Resume the run until `step`; emits `over` if the process has ended."""
        self._goal = step
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self.over.emit()
        else:
            self._process.write(b"resume\n")

    def pause(self) -> None:
        """Pause the run after the current update."""
        self._process.write(b"pause\n")

    def weigh(self) -> None:
        """Request the process's memory, best while it is paused."""
        self._process.write(b"memory\n")

    def end(self) -> None:
        """Kill the process if it has not ended."""
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished()

    def _read(self) -> None:
        while self._process.canReadLine():
            self._parse(bytes(self._process.readLine().data()).decode().split())

    def _parse(self, words: list[str]) -> None:
        if words == ["paused"]:
            self.paused.emit()
            return
        if words[0] == "memory":
            self.memory = int(words[1])
            self.weighed.emit()
            return
        step = int(words[0])
        self.times[step] = float(words[1])
        if step >= self._goal:
            self._goal = sys.maxsize
            self.pause()

    def _finish(self) -> None:
        self._read()
        self.over.emit()
