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
    """How to create a run, and the commands that it receives first."""

    prepare: Callable[..., PreparedRun]
    """Creates the run; called in the run's thread, with `without` if that is not empty."""
    first_commands: tuple[Command, ...] = ()
    model: AnyModelConfig | Path | None = None
    """The model to load before: its config, or the folder of a stored run."""
    without: tuple[str, ...] = ()
    """Gymnasium ids of worlds that hang and are left out."""


class LiveRun(QObject):
    """Owns the thread of the current run, if any, and forwards its signals.

    Signals:
        load_progressed: a `LoadProgress` of the run's model.
        story_restored: the `Story` so far of a resumed or forked run.
        events_received: tuple[Event, ...], in order, never empty.
        phase_changed: str, the new phase of the run.
        stalled: str, a message, once each time that the run takes no step for long.
        recovered: it takes steps again.
        failed: the exception that ended the run.
        ended: the run has ended, and all its events were emitted.
        abandoned: str, a message, before `ended`: after a stop command, its world hangs.
        background_run_finished: a run that `stop_in_background` stopped has ended.
    """

    load_progressed = Signal(object)
    story_restored = Signal(object)
    events_received = Signal(tuple)
    phase_changed = Signal(str)
    stalled = Signal(str)
    recovered = Signal()
    failed = Signal(object)
    ended = Signal()
    abandoned = Signal(str)
    background_run_finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: TrainerThread | None = None
        self.start: RunStart | None = None
        """How the current or the last run was started."""
        self._stopping: list[TrainerThread] = []
        """Threads of runs that were stopped in the background and have not ended yet."""
        self._hung: list[TrainerThread] = []
        """Abandoned threads: a world hangs in them, perhaps for ever."""

    @property
    def is_active(self) -> bool:
        """Whether there is a run whose thread has not ended."""
        return self._thread is not None

    @property
    def folder(self) -> Path | None:
        """The folder of the run, once it is ready."""
        return self._thread.folder if self._thread else None

    @property
    def hung_world(self) -> str:
        """The Gymnasium id of the world that hangs; empty if none does, or it is a built-in one."""
        return self._thread.hung_world if self._thread else ""

    @property
    def name(self) -> str:
        """The run's name, once it is ready."""
        return self._thread.name if self._thread else ""

    def begin(self, start: RunStart) -> None:
        """Create and execute a run in a new thread."""
        prepare = partial(start.prepare, without=start.without) if start.without else start.prepare
        self.start = start
        self._thread = thread = TrainerThread(prepare, self, start.model)
        thread.load_progressed.connect(self.load_progressed)
        thread.story_restored.connect(self.story_restored)
        thread.events_received.connect(self.events_received)
        thread.phase_changed.connect(self.phase_changed)
        thread.stalled.connect(self.stalled)
        thread.recovered.connect(self.recovered)
        thread.failed.connect(self.failed)
        thread.abandoned.connect(self._on_abandoned)
        thread.ended.connect(self._finish)
        for command in start.first_commands:
            thread.put(command)
        thread.start()

    def put(self, command: Command) -> bool:
        """Send a command to the run; return whether there is one."""
        if self._thread is not None:
            self._thread.put(command)
        return self.is_active

    def stop(self) -> None:
        """Stop the run after a checkpoint; `ended` follows."""
        self.put(Stop())

    def snapshot(self) -> Any:
        """Return the newest weights; None if there are none newer than at the last call."""
        return self._thread.snapshot() if self._thread else None

    def abandon(self) -> None:
        """Detach from a run whose world hangs, so that another thread can resume it.

        Raises `BadInput`, and changes nothing, if it hangs while it writes to disk.
        """
        if self._thread is not None:
            self._thread.abandon()
            self._thread.disconnect(self)
            self._detach(self._thread)
            self._thread = None

    def _on_abandoned(self, text: str) -> None:
        """Detach from a thread that abandoned its run because its world hangs."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.disconnect(self)
            self._detach(thread)
        self.abandoned.emit(text)
        self.ended.emit()

    def stop_in_background(self) -> bool:
        """Stop the run without waiting for its end or forwarding its signals; return whether there was one."""
        if self._thread is not None and self._thread.is_hung:
            with suppress(BadInput):
                self.abandon()
        thread, self._thread = self._thread, None
        if thread is None:
            return False
        thread.disconnect(self)
        thread.put(Stop())
        self._stopping.append(thread)
        thread.ended.connect(partial(self._reap, thread))
        return True

    def close(self) -> bool:
        """Stop the run, and wait for the threads of all runs; return False if one hangs and is left behind."""
        self.stop_in_background()
        while self._stopping:
            thread = self._stopping.pop()
            if thread.stop():
                thread.deleteLater()
            else:
                self._detach(thread)
        self._reap_hung()
        return not self._hung

    def _detach(self, thread: TrainerThread) -> None:
        """Keep a reference to a thread that hangs: Qt aborts if a running thread is destroyed."""
        thread.setParent(None)
        self._hung.append(thread)
        thread.finished.connect(self._reap_hung)

    def _reap_hung(self) -> None:
        """Delete the abandoned threads that have ended after all."""
        for thread in [thread for thread in self._hung if thread.isFinished()]:
            self._hung.remove(thread)
            thread.deleteLater()

    def _reap(self, thread: TrainerThread) -> None:
        if thread in self._stopping:
            self._stopping.remove(thread)
            thread.deleteLater()
            self.background_run_finished.emit()

    def _finish(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.deleteLater()
        self.ended.emit()
