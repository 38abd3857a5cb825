"""Execute the trials of a study in worker processes, a few at a time.

Every trial has a process of its own, started afresh (`spawn`): torch's threads do not survive a fork, and a crash
ends one trial only. A worker that dies is started again and resumes its run from the last checkpoint, which gives the
same run as without the crash; one that dies `ATTEMPTS` times without getting further has failed.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event as Flag
from typing import Literal

from agents.studies.trials import Trial
from agents.studies.worker import Report, execute

ATTEMPTS = 3
POLL = 0.2
"""Seconds to wait for a report before `stop` is looked at again."""
PATIENCE = 30.0
"""Seconds that a stopped trial gets for its checkpoint when the study is closed."""
State = Literal["running", "done", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class TrialProgress:
    """Where a trial is: sent whenever that changes."""

    index: int
    """Its number in the list of trials."""
    state: State
    step: int = 0
    run: str = ""
    """The id of its run, once there is one."""
    message: str = ""
    """Why it failed, or a warning."""


@dataclass(slots=True)
class _Worker:
    """The process of a trial, and what it has reported."""

    process: BaseProcess
    connection: Connection
    attempt: int
    reached: int
    """The step that earlier attempts had reached."""
    step: int = 0
    run: str = ""
    is_over: bool = False
    """Whether it has reported an end; a process that ends without one has crashed."""


def run_trials(
    trials: Sequence[Trial], root: Path, workers: int = 1, stop: Flag | None = None
) -> Generator[TrialProgress]:
    """Execute `trials` in order, `workers` at a time, storing their runs under `root`; yield what happens.

    Trials whose run is done are not repeated, unfinished ones are resumed. Once `stop` is set, running trials make a
    checkpoint and stop, and no other is started; closing the generator does the same.
    """
    pool = _Pool(trials, root, workers, stop or Flag())
    try:
        while pool.has_work:
            yield from pool.start_waiting()
            yield from pool.handle_reports()
    finally:
        pool.close()


class _Pool:
    """The workers of a study."""

    def __init__(self, trials: Sequence[Trial], root: Path, workers: int, stop: Flag) -> None:
        self._trials, self._root, self._size, self._stop = trials, root, workers, stop
        self._waiting = list(range(len(trials)))[::-1]
        self._active: dict[int, _Worker] = {}
        self._is_stopping = False

    @property
    def has_work(self) -> bool:
        """Whether a trial runs or may still be started."""
        return bool(self._active or (self._waiting and not self._stop.is_set()))

    def start_waiting(self) -> Generator[TrialProgress]:
        """Start trials until every worker is busy, or stop all once that is asked for."""
        if self._stop.is_set():
            self._send_stop()
        while self._waiting and len(self._active) < self._size and not self._stop.is_set():
            index = self._waiting.pop()
            self._active[index] = _started(self._trials[index], self._root)
            yield TrialProgress(index, "running")

    def handle_reports(self) -> Generator[TrialProgress]:
        """Yield the news of all workers, and replace those that died."""
        ready = wait([worker.connection for worker in self._active.values()], POLL)
        for index, worker in list(self._active.items()):
            if worker.connection in ready:
                yield from _reports(index, worker)
            if worker.connection.closed:
                del self._active[index]
                yield from self._replace(index, worker)

    def close(self) -> None:
        """Let running trials make a checkpoint, and end their processes."""
        self._send_stop()
        for worker in self._active.values():
            worker.process.join(PATIENCE)
            worker.process.kill()

    def _send_stop(self) -> None:
        if self._is_stopping:
            return
        self._is_stopping = True
        for worker in self._active.values():
            with suppress(OSError, ValueError):  # it has ended by itself
                worker.connection.send("stop")

    def _replace(self, index: int, worker: _Worker) -> Generator[TrialProgress]:
        """Start the trial of a dead worker again, unless it died too often without getting further."""
        attempt = 1 if worker.step > worker.reached else worker.attempt + 1
        if worker.is_over:
            return
        if self._stop.is_set():
            yield TrialProgress(index, "stopped", worker.step, worker.run)
        elif attempt > ATTEMPTS:
            code = worker.process.exitcode
            text = f"its process ended {ATTEMPTS} times in a row with code {code}; start the study again to resume it"
            yield TrialProgress(index, "failed", worker.step, worker.run, text)
        else:
            reached = max(worker.step, worker.reached)
            self._active[index] = _started(self._trials[index], self._root, attempt, reached)
            text = f"its process ended with code {worker.process.exitcode} and is started again"
            yield TrialProgress(index, "running", worker.step, worker.run, text)


def _started(trial: Trial, root: Path, attempt: int = 1, reached: int = 0) -> _Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=execute, args=(trial, root, theirs), name=trial.title, daemon=True)
    process.start()
    theirs.close()  # so that the end of the process closes the pipe
    return _Worker(process, ours, attempt, reached)


def _reports(index: int, worker: _Worker) -> Generator[TrialProgress]:
    """Yield the news of a worker; when its pipe ends, close it and wait for the process."""
    try:
        while worker.connection.poll():
            yield from _news(index, worker, worker.connection.recv())
    except (EOFError, OSError):
        worker.connection.close()
        worker.process.join()


def _news(index: int, worker: _Worker, report: Report) -> Generator[TrialProgress]:
    match report:
        case ("run", str(run)):
            worker.run = run
            yield TrialProgress(index, "running", worker.step, run)
        case ("step", int(step)):
            worker.step = step
            yield TrialProgress(index, "running", step, worker.run)
        case ("warning", str(text)):
            yield TrialProgress(index, "running", worker.step, worker.run, text)
        case (("done" | "failed" | "stopped") as state, text):
            worker.is_over = True
            yield TrialProgress(index, state, worker.step, worker.run, str(text or ""))
