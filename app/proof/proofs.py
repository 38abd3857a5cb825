"""The benchmarks of the window: run in the background, with their stored results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from agents.benchmarks.report.result import Result
from agents.benchmarks.report.result_store import ResultStore
from app.proof.benchmark_process import BenchmarkProcess
from app.proof.catalogue import entries
from widgets.proof.proof_board import ProofBoard, ProofRow
from widgets.requests import RunBenchmark, StopBenchmark

UPDATE_INTERVAL = 500
"""Milliseconds between two updates of the elapsed time and the output line."""


class BenchmarkRunner(QObject):
    """Runs benchmarks for the proof panel, and holds its board.

    Signals:
        changed: a `ProofBoard`.
    """

    changed = Signal(object)

    def __init__(self, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.board = ProofBoard()
        self._store = ResultStore(runs)
        self._started = 0.0
        self._process = BenchmarkProcess(runs, self)
        self._process.output_changed.connect(self._set_line)
        self._process.measured.connect(self._set_result)
        self._process.failed.connect(self._set_error)
        self._process.ended.connect(self._finish)
        self._timer = QTimer(self, interval=UPDATE_INTERVAL)
        self._timer.timeout.connect(self._update_time)

    @property
    def is_running(self) -> bool:
        """Whether a benchmark is running."""
        return self._process.is_running

    def load(self) -> None:
        """Read the benchmarks and their stored results, once; later calls do nothing."""
        if not self.board.rows:
            rows = (
                ProofRow(entry.name, entry.question, entry.options, self._store.read(entry.name)) for entry in entries()
            )
            self._set_board(replace(self.board, rows=tuple(rows)))

    def execute(self, request: RunBenchmark | StopBenchmark) -> None:
        """Run a benchmark, or stop the running one."""
        if isinstance(request, RunBenchmark):
            self.run(request)
        else:
            self.stop()

    def run(self, request: RunBenchmark) -> None:
        """Run a benchmark, unless another one is running."""
        if self._process.is_running:
            return
        self._started = monotonic()
        self._set_board(replace(self.board, running=request.name, seconds=0, line=""))
        self._replace_row(lambda row: replace(row, error=""))
        try:
            self._process.start(request.name, request.options)
        except ValueError as error:
            self._set_error(f"{request.options}: {error}")
            self._finish()
        else:
            self._timer.start()

    def stop(self) -> None:
        """Stop the running benchmark."""
        self._process.stop()

    def close(self) -> None:
        """Stop the running benchmark and wait for the end of its process."""
        self._process.close()

    def _set_line(self, line: str) -> None:
        self.board = replace(self.board, line=line)  # shown with the next tick: some benchmarks write many lines

    def _update_time(self) -> None:
        self._set_board(replace(self.board, seconds=round(monotonic() - self._started)))

    def _set_result(self, result: Result) -> None:
        self._replace_row(lambda row: replace(row, result=result))

    def _set_error(self, reason: str) -> None:
        self._replace_row(lambda row: replace(row, error=reason))

    def _finish(self) -> None:
        self._timer.stop()
        self._set_board(replace(self.board, running="", seconds=0, line=""))

    def _replace_row(self, change: Callable[[ProofRow], ProofRow]) -> None:
        """Change the row of the running benchmark."""
        rows = (change(row) if row.name == self.board.running else row for row in self.board.rows)
        self._set_board(replace(self.board, rows=tuple(rows)))

    def _set_board(self, board: ProofBoard) -> None:
        self.board = board
        self.changed.emit(board)
