"""The benchmarks of the window: run in the background, with their stored results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from agents.benchmarks.report.result import Result
from agents.benchmarks.report.result_store import ResultStore
from app.proof.benchmark_process import ProofProcess
from app.proof.catalogue import entries
from widgets.proof.proof_board import ProofBoard, ProofRow
from widgets.requests import RunBenchmark, StopBenchmark

EVERY = 500
"""Milliseconds after which it is told again how a measurement goes on."""


class Proofs(QObject):
    """Answers what the proof panel asks for.

    Signals:
        changed: a `ProofBoard`.
    """

    changed = Signal(object)

    def __init__(self, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.board = ProofBoard()
        self._kept = ResultStore(runs)
        self._began = 0.0
        self._process = ProofProcess(runs, self)
        self._process.told.connect(self._note)
        self._process.measured.connect(self._take)
        self._process.failed.connect(self._fail)
        self._process.over.connect(self._conclude)
        self._telling = QTimer(self, interval=EVERY)
        self._telling.timeout.connect(self._tell)

    @property
    def is_on(self) -> bool:
        """Whether a benchmark is being measured."""
        return self._process.is_on

    def load(self) -> None:
        """Look the benchmarks and their last results up, once: it reads a file each."""
        if not self.board.rows:
            rows = (ProofRow(one.name, one.question, one.options, self._kept.read(one.name)) for one in entries())
            self._show(replace(self.board, rows=tuple(rows)))

    def obey(self, request: RunBenchmark | StopBenchmark) -> None:
        """Measure a benchmark, or no more."""
        if isinstance(request, RunBenchmark):
            self.run(request)
        else:
            self.stop()

    def run(self, request: RunBenchmark) -> None:
        """Measure a benchmark, unless another one is being measured."""
        if self._process.is_on:
            return
        self._began = monotonic()
        self._show(replace(self.board, running=request.name, seconds=0, line=""))
        self._alter(lambda row: replace(row, error=""))
        try:
            self._process.start(request.name, request.options)
        except ValueError as error:
            self._fail(f"{request.options}: {error}")
            self._conclude()
        else:
            self._telling.start()

    def stop(self) -> None:
        """Give up what is being measured."""
        self._process.stop()

    def close(self) -> None:
        """Leave no process behind."""
        self._process.close()

    def _note(self, line: str) -> None:
        self.board = replace(self.board, line=line)  # told with the next tick: some say a lot

    def _tell(self) -> None:
        self._show(replace(self.board, seconds=round(monotonic() - self._began)))

    def _take(self, result: Result) -> None:
        self._alter(lambda row: replace(row, result=result))

    def _fail(self, reason: str) -> None:
        self._alter(lambda row: replace(row, error=reason))

    def _conclude(self) -> None:
        self._telling.stop()
        self._show(replace(self.board, running="", seconds=0, line=""))

    def _alter(self, change: Callable[[ProofRow], ProofRow]) -> None:
        """Change the row of the benchmark that is being measured."""
        rows = (change(row) if row.name == self.board.running else row for row in self.board.rows)
        self._show(replace(self.board, rows=tuple(rows)))

    def _show(self, board: ProofBoard) -> None:
        self.board = board
        self.changed.emit(board)
