"""The current run of the window: start it, send it commands, end it. At most one at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from agents.commands import Command, Stop
from agents.config.agent import AnyModelConfig
from agents.errors import BadInput
from app.runs.trainer_thread import TrainerThread

if TYPE_CHECKING:  # imports Torch
    from agents.training.prepared_run import PreparedRun


@dataclass(frozen=True, slots=True)
class RunStart:
    """A run that is to be lived: how it is made, and what it is asked for first."""

    prepare: Callable[..., PreparedRun]
    """Called in the thread that will live the run, with `without` if that is not empty."""
    first: tuple[Command, ...] = ()
    model: AnyModelConfig | Path | None = None
    """What must be at hand before, told on its way; a folder is that of a run that has one."""
    without: tuple[str, ...] = ()
    """Gymnasium ids of worlds that hang, and are left out."""


class LiveRun(QObject):
    """Holds the thread of the run that is lived now, if any, and passes on what it tells.

    Signals:
        arrived: an `Arrival`: how far the run's model is on its way into memory.
        recalled: the `Story` so far, of a run that goes on.
        happened: tuple[Event, ...], in order, never empty.
        phased: str: what the run does now is another thing.
        stalled: str, once each time that the run takes no step for long.
        recovered: it takes steps again.
        failed: the exception that ended the run.
        over: the run has ended, and everything that happened was told.
        left: str, before `over`: it was to stop, and was left to a world that does not come back.
        buried: a run that was left has ended.
    """

    arrived = Signal(object)
    recalled = Signal(object)
    happened = Signal(tuple)
    phased = Signal(str)
    stalled = Signal(str)
    recovered = Signal()
    failed = Signal(object)
    over = Signal()
    left = Signal(str)
    background_run_finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: TrainerThread | None = None
        self.start: RunStart | None = None
        """What the run of now, or the last one, was begun with."""
        self._leaving: list[TrainerThread] = []
        """Threads of runs that were left and have yet to take their last step."""
        self._hung: list[TrainerThread] = []
        """Threads that were abandoned: a world hangs in them, perhaps for ever."""

    @property
    def is_on(self) -> bool:
        """Whether a run is lived, or its thread not yet gone."""
        return self._thread is not None

    @property
    def folder(self) -> Path | None:
        """Where the run is recorded, once it is ready."""
        return self._thread.folder if self._thread else None

    @property
    def hung_world(self) -> str:
        """The Gymnasium id of the world that hangs; empty if none does, or it is one of the lab's own."""
        return self._thread.hung_world if self._thread else ""

    @property
    def name(self) -> str:
        """What people call the run, once it is ready."""
        return self._thread.name if self._thread else ""

    def begin(self, start: RunStart) -> None:
        """Live this run."""
        prepare = partial(start.prepare, without=start.without) if start.without else start.prepare
        self.start = start
        self._thread = thread = TrainerThread(prepare, self, start.model)
        thread.arrived.connect(self.arrived)
        thread.recalled.connect(self.recalled)
        thread.happened.connect(self.happened)
        thread.phased.connect(self.phased)
        thread.stalled.connect(self.stalled)
        thread.recovered.connect(self.recovered)
        thread.failed.connect(self.failed)
        thread.left.connect(self._leave_to_its_world)
        thread.over.connect(self._conclude)
        for command in start.first:
            thread.put(command)
        thread.start()

    def put(self, command: Command) -> bool:
        """Ask something of the run; return whether there is one."""
        if self._thread is not None:
            self._thread.put(command)
        return self.is_on

    def stop(self) -> None:
        """End the run in good order; `over` follows."""
        self.put(Stop())

    def snapshot(self) -> Any:
        """Return the newest weights if there are newer ones than last time."""
        return self._thread.snapshot() if self._thread else None

    def abandon(self) -> None:
        """Leave a run behind whose world hangs: it is heard no more, and can be gone on with by another thread.

        Raises `BadInput`, and changes nothing, if it hangs while it writes.
        """
        if self._thread is not None:
            self._thread.abandon()
            self._thread.disconnect(self)
            self._detach(self._thread)
            self._thread = None

    def _leave_to_its_world(self, text: str) -> None:
        """Hear nothing more of a thread that was to stop and hangs; it has been abandoned."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.disconnect(self)
            self._detach(thread)
        self.left.emit(text)
        self.over.emit()

    def leave(self) -> bool:
        """Let the run end in good order, and hear nothing more of it; return whether there was one."""
        if self._thread is not None and self._thread.hangs:
            with suppress(BadInput):
                self.abandon()
        thread, self._thread = self._thread, None
        if thread is None:
            return False
        thread.disconnect(self)
        thread.put(Stop())
        self._leaving.append(thread)
        thread.over.connect(partial(self._reap, thread))
        return True

    def close(self) -> bool:
        """Leave the run, and wait until every run has ended; return False if a thread hangs and is left behind."""
        self.leave()
        while self._leaving:
            thread = self._leaving.pop()
            if thread.stop():
                thread.deleteLater()
            else:
                self._detach(thread)
        self._reap_hung()
        return not self._hung

    def _detach(self, thread: TrainerThread) -> None:
        """Keep a thread that hangs: Qt ends the process if one is destroyed while it runs."""
        thread.setParent(None)
        self._hung.append(thread)
        thread.finished.connect(self._reap_hung)

    def _reap_hung(self) -> None:
        """Forget the abandoned threads that have ended after all."""
        for thread in [thread for thread in self._hung if thread.isFinished()]:
            self._hung.remove(thread)
            thread.deleteLater()

    def _reap(self, thread: TrainerThread) -> None:
        if thread in self._leaving:
            self._leaving.remove(thread)
            thread.deleteLater()
            self.background_run_finished.emit()

    def _conclude(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.deleteLater()
        self.over.emit()
