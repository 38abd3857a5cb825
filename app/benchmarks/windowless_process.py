"""The parent's side of `windowless`: start the subprocess, pause and continue it."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal


class Opponent(QObject):
    """Drives `app.benchmarks.windowless` from an event loop.

    Signals:
        waiting: it holds still.
        weighed: it has said how much it holds.
        over: it has come to its end.
    """

    waiting = Signal()
    weighed = Signal()
    over = Signal()

    def __init__(self, curriculum: Path, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.times: dict[int, float] = {}
        """Seconds of learning after which each step was reached."""
        self.held = 0
        """Bytes that it held when it was last weighed, after everything spare was given back."""
        self._goal = 0
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._conclude)
        self._words = ["-m", "app.benchmarks.windowless", str(curriculum), str(runs)]

    @property
    def has_failed(self) -> bool:
        """Whether it ended otherwise than by itself and in good order."""
        return self._process.state() == QProcess.ProcessState.NotRunning and self._process.exitCode() != 0

    def start(self) -> None:
        """Begin, and hold still before the first step."""
        self._process.start(sys.executable, self._words)

    def go(self, step: int = sys.maxsize) -> None:
        """Go on until `step` is reached, or until told to wait."""
        self._goal = step
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self.over.emit()
        else:
            self._process.write(b"go\n")

    def wait(self) -> None:
        """Hold still after the update at hand."""
        self._process.write(b"wait\n")

    def weigh(self) -> None:
        """Say how much it holds; best while it waits."""
        self._process.write(b"weigh\n")

    def end(self) -> None:
        """End the process if it has not ended by itself."""
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished()

    def _read(self) -> None:
        while self._process.canReadLine():
            self._hear(bytes(self._process.readLine().data()).decode().split())

    def _hear(self, words: list[str]) -> None:
        if words == ["waits"]:
            self.waiting.emit()
            return
        if words[0] == "holds":
            self.held = int(words[1])
            self.weighed.emit()
            return
        step = int(words[0])
        self.times[step] = float(words[1])
        if step >= self._goal:
            self._goal = sys.maxsize
            self.wait()

    def _conclude(self) -> None:
        self._read()
        self.over.emit()
