"""Run one benchmark in a subprocess, so that it blocks neither the window nor the agent."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from agents.benchmarks.report.result import parse

EXIT_TIMEOUT = 3_000
"""Milliseconds that a stopped process has to end by itself before it is killed."""


class BenchmarkProcess(QObject):
    """Runs `bench NAME` in a subprocess that ends with this one; at most one at a time.

    Signals:
        output_changed: str, the last line that the benchmark wrote to stderr.
        measured: its `Result`.
        failed: str, why there is no result, in one line.
        ended: it has ended; the last signal of each benchmark.
    """

    output_changed = Signal(str)
    measured = Signal(object)
    failed = Signal(str)
    ended = Signal()

    def __init__(self, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._line = ""
        self._is_stopped = False
        self._process = QProcess(self)
        self._process.setProcessEnvironment(_environment())
        self._process.readyReadStandardError.connect(self._read_output)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._on_error)

    @property
    def is_running(self) -> bool:
        """Whether a benchmark is running."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self, name: str, options: str) -> None:
        """Run a benchmark. Raises ValueError if `options` lacks a closing quotation mark."""
        arguments = shlex.split(options)
        self._line, self._is_stopped = "", False
        command = ["-m", "app.proof.tied_process", "bench", name, "--json", "--runs", str(self._runs), *arguments]
        self._process.start(sys.executable, command)

    def stop(self) -> None:
        """Ask the process to end, with every process that it started."""
        self._is_stopped = True
        self._process.closeWriteChannel()

    def close(self) -> None:
        """Stop the process and wait for its end; kill it after `EXIT_TIMEOUT`."""
        if not self.is_running:
            return
        self.stop()
        if not self._process.waitForFinished(EXIT_TIMEOUT):
            self._process.kill()
            self._process.waitForFinished(EXIT_TIMEOUT)

    def _read_output(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        for line in text.splitlines():
            if line.strip():
                self._line = line.strip()
        self.output_changed.emit(self._line)

    def _finish(self) -> None:
        self._read_output()
        text = bytes(self._process.readAllStandardOutput().data())
        if not self._is_stopped:
            self._emit_result(text)
        self.ended.emit()

    def _emit_result(self, text: bytes) -> None:
        try:
            self.measured.emit(parse(text))
        except ValueError:
            error_line = self._line.removeprefix("palimpsest: ")
            self.failed.emit(error_line or f"it ended with exit code {self._process.exitCode()} and no message")

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.failed.emit(self._process.errorString())
            self.ended.emit()


def _environment() -> QProcessEnvironment:
    """Return this process's environment, with Qt's offscreen platform: windows of a benchmark must not pop up."""
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("QT_QPA_PLATFORM", "offscreen")
    return environment
