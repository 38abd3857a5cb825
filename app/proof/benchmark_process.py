"""Run one benchmark in a subprocess, so that it blocks neither the window nor the agent."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from agents.benchmarks.report.result import parse

PATIENCE = 3_000
"""Milliseconds in which a process that was let go has to end by itself."""


class ProofProcess(QObject):
    """Runs `bench NAME` on a leash, at most one at a time.

    Signals:
        told: str: a line of what it says on the way.
        measured: its `Result`.
        failed: str: why there is none, in one line.
        over: it has ended; the last signal of each measurement.
    """

    told = Signal(str)
    measured = Signal(object)
    failed = Signal(str)
    over = Signal()

    def __init__(self, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._line = ""
        self._is_unwanted = False
        self._process = QProcess(self)
        self._process.setProcessEnvironment(_environment())
        self._process.readyReadStandardError.connect(self._listen)
        self._process.finished.connect(self._conclude)
        self._process.errorOccurred.connect(self._complain)

    @property
    def is_on(self) -> bool:
        """Whether something is being measured."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self, name: str, options: str) -> None:
        """Measure a benchmark. Raises ValueError for options with a quotation mark too few."""
        words = shlex.split(options)
        self._line, self._is_unwanted = "", False
        command = ["-m", "app.proof.tied_process", "bench", name, "--json", "--runs", str(self._runs), *words]
        self._process.start(sys.executable, command)

    def stop(self) -> None:
        """Let the process go: it ends, with all that it started."""
        self._is_unwanted = True
        self._process.closeWriteChannel()

    def close(self) -> None:
        """End it now, and wait until it is gone."""
        if not self.is_on:
            return
        self.stop()
        if not self._process.waitForFinished(PATIENCE):
            self._process.kill()
            self._process.waitForFinished(PATIENCE)

    def _listen(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        for line in text.splitlines():
            if line.strip():
                self._line = line.strip()
        self.told.emit(self._line)

    def _conclude(self) -> None:
        self._listen()
        text = bytes(self._process.readAllStandardOutput().data())
        if not self._is_unwanted:
            self._tell(text)
        self.over.emit()

    def _tell(self, text: bytes) -> None:
        try:
            self.measured.emit(parse(text))
        except ValueError:
            said = self._line.removeprefix("palimpsest: ")
            self.failed.emit(said or f"it ended with exit code {self._process.exitCode()} and told nothing")

    def _complain(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.failed.emit(self._process.errorString())
            self.over.emit()


def _environment() -> QProcessEnvironment:
    """Return ours, but let windows that are measured be drawn into memory: nobody wants them to pop up."""
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("QT_QPA_PLATFORM", "offscreen")
    return environment
