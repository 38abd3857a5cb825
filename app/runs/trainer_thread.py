"""Execute a trainer in a QThread."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from agents.commands import Command, Stop
from agents.config.agent import AnyModelConfig
from agents.errors import BadInput
from agents.events import TRANSIENT, Event
from agents.models.load_progress import LoadProgress
from agents.runtime import stall
from agents.runtime.stall import MakingHeartbeat, Stall
from agents.story import Story
from app.runs.model_loading import load_events, until_loaded
from widgets.style.translation import tr

if TYPE_CHECKING:  # imports Torch
    from agents.training.prepared_run import PreparedRun

log = logging.getLogger("palimpsest")
DELIVERY_INTERVAL = 50
"""Milliseconds between two deliveries of events to the window; the panels are redrawn less often."""
CALL_TIMEOUT = 1.0
"""Seconds that a call of an external world may take after a stop request, before the run is abandoned."""
LAST_STEP_TIMEOUT = 5.0
"""Seconds that the last step may take while the window closes; after that its world counts as hung."""


class TrainerThread(QThread):
    """Executes one run in the background and delivers its events to the window twenty times a second.

    The worker only appends to a queue, so it never waits for the window and never
    floods it; a timer in the window's thread empties the queue. `put` and `stop` are
    called from the window's thread; commands wait until the run is ready.
    The run's `model` (its config, or the folder of a stored run) is loaded before the
    run is created.

    Signals:
        load_progressed: a `LoadProgress` of the run's model.
        story_restored: the `Story` so far of a resumed or forked run; before any event.
        events_received: tuple[Event, ...], in order, never empty.
        phase_changed: str, the new phase of the run, as in `Progress`.
        stalled: str, a message, once each time that the run takes no step for long: its world may hang.
        recovered: it takes steps again.
        abandoned: str, a message: after a stop command, its world hangs. No signal follows.
        failed: the exception that ended the run.
        ended: the thread has ended, and all events were emitted.
    """

    load_progressed = Signal(object)
    story_restored = Signal(object)
    events_received = Signal(tuple)
    phase_changed = Signal(str)
    stalled = Signal(str)
    recovered = Signal()
    abandoned = Signal(str)
    failed = Signal(object)
    ended = Signal()

    def __init__(
        self,
        prepare: Callable[[], PreparedRun],
        parent: QObject | None = None,
        model: AnyModelConfig | Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._prepare, self._model = prepare, model
        self._load_progress: LoadProgress | None = None
        """The newest progress of loading the model, until it is emitted."""
        self._prepared: PreparedRun | None = None
        self._pending: deque[Command] = deque()
        self._lock = threading.Lock()
        self._stories: deque[Story] = deque()
        self._events: deque[Event] = deque()
        self._error: BaseException | None = None
        self._phase = ""
        self._making: MakingHeartbeat | None = None
        """Heartbeat of the run's creation."""
        self._stop_requested_at: float | None = None
        """Time of the first stop command, by the monotonic clock."""
        self.is_hung = False
        """Whether the run has taken no step for long."""
        self._is_abandoned = False
        self._timer = QTimer(self, interval=DELIVERY_INTERVAL)
        self._timer.timeout.connect(self._deliver)
        self.finished.connect(self._finish)
        self._timer.start()

    @property
    def folder(self) -> Path | None:
        """The folder of the run, once it is ready."""
        return self._prepared.run.folder if self._prepared else None

    @property
    def name(self) -> str:
        """The run's name, once it is ready."""
        return self._prepared.run.name if self._prepared else ""

    @property
    def hung_world(self) -> str:
        """The Gymnasium id of the external world whose code the run executes; empty if it executes none."""
        current = self._stall(0)
        is_external = current is not None and (current.visit is not None or self._prepared is None)
        return current.task if current is not None and is_external else ""

    def put(self, command: Command) -> None:
        """Send a command to the run; it is queued until the run is ready."""
        if isinstance(command, Stop) and self._stop_requested_at is None:
            self._stop_requested_at = monotonic()
        self._pending.append(command)
        self._forward_commands()

    def snapshot(self) -> Any:
        """Return the newest weights; None if there are none newer than at the last call."""
        return self._prepared.trainer.snapshots.take() if self._prepared else None

    def stop(self) -> bool:
        """Stop the run and wait for its end; return False if it hangs, which abandons it."""
        self.put(Stop())
        requested_at = monotonic()
        while not self.wait(DELIVERY_INTERVAL):
            if self._has_timed_out(requested_at):
                with suppress(BadInput):  # it hangs while it writes: writes are atomic, so no file is damaged
                    self.abandon()
                self._silence()
                return False
        return True

    def abandon(self) -> None:
        """Stop recording and delivering the run: its world hangs, and a thread can't be ended from outside.

        If the call of the world ever returns, the thread ends at the next event. Raises `BadInput`
        if it hangs while it writes to disk; then nothing has changed.
        """
        with self._lock:
            if self._prepared is not None:
                self._prepared.run.abandon()
            self._silence()

    def run(self) -> None:
        """Load the model, then create and execute the run. Called by Qt, in the new thread."""
        try:
            with closing(load_events(self._model)) as model:
                for self._load_progress in until_loaded(model):
                    if self._is_stopping:
                        return
                self._making = MakingHeartbeat()
                prepared = self._prepare()
            self._execute(prepared)
        except BadInput as error:  # its message is for the user, so no traceback is needed
            log.info("the run ended: %s", error)
            self._error = error
        except (Exception, SystemExit) as error:  # an error in a world or a plugin must not close the window
            log.debug("the run ended", exc_info=True)
            self._error = error

    def _execute(self, prepared: PreparedRun) -> None:
        with closing(prepared.events) as events:
            if self._is_abandoned:
                prepared.discard()
                return
            story = prepared.recall()
            with self._lock:
                self._prepared = prepared
                if self._is_abandoned:
                    prepared.run.abandon()
            self._forward_commands()
            if story is not None:
                self._stories.append(story)
            for event in events:
                if self._is_abandoned:
                    break
                if not isinstance(event, TRANSIENT):
                    self._events.append(event)

    @property
    def _is_stopping(self) -> bool:
        """Whether the run was stopped or abandoned before it was ready."""
        return self._is_abandoned or any(isinstance(command, Stop) for command in tuple(self._pending))

    def _forward_commands(self) -> None:
        with self._lock:  # both threads forward commands, whose order must not change
            while self._prepared and self._pending:
                self._prepared.trainer.commands.put(self._pending.popleft())

    def _deliver(self) -> None:
        progress, self._load_progress = self._load_progress, None
        if progress is not None:
            self.load_progressed.emit(progress)
        count = len(self._events)  # count before reading the story: the worker appends the story before any event
        if self._stories:
            self.story_restored.emit(self._stories.popleft())
        if count:
            self.events_received.emit(tuple(self._events.popleft() for _ in range(count)))

        self._emit_phase()
        self._check_stall()

    def _emit_phase(self) -> None:
        phase = self._prepared.trainer.heartbeat.phase if self._prepared else ""
        if phase != self._phase:
            self._phase = phase
            self.phase_changed.emit(phase)

    def _stall(self, patience: float) -> Stall | None:
        """Return the stall if the run, or its creation, has made no progress for `patience` seconds."""
        if self._prepared is not None:
            return self._prepared.trainer.heartbeat.stall(patience)
        return self._making.stall(patience) if self._making else None

    def _check_stall(self) -> None:
        current = self._stall(stall.PATIENCE)
        was_hung, self.is_hung = self.is_hung, current is not None
        if current is not None and not was_hung:
            template = tr("{task}: no step for {seconds} s. Its world may hang.")
            if current.phase == "making":
                template = tr("{task}: not ready after {seconds} s. Its world may hang.")
            self.stalled.emit(template.format(task=current.task, seconds=round(current.seconds)))
        elif was_hung and not self.is_hung:
            self.recovered.emit()
        if self._stop_requested_at is not None and monotonic() - self._stop_requested_at >= CALL_TIMEOUT:
            self._abandon_if_hung()

    def _abandon_if_hung(self) -> None:
        """Abandon a run after a stop request if it is still being created, or a call of its world does not return."""
        current = self._stall(0)
        active_call = None if current is None else current.visit
        if (
            self._prepared is not None
            and not self.is_hung
            and (active_call is None or active_call.seconds < CALL_TIMEOUT)
        ):
            return
        with suppress(BadInput):  # it is writing to disk, which ends soon: the next delivery tries again
            self.abandon()
            text = tr("Stopped.")
            if active_call is not None:
                template = tr("{task}: {call} has not returned for {seconds} s; its thread is abandoned.")
                text = template.format(
                    task=active_call.world, call=active_call.call, seconds=round(active_call.seconds)
                )
            self.abandoned.emit(text)

    def _silence(self) -> None:
        if not self._is_abandoned:
            self._is_abandoned = True
            self._timer.stop()
            self.finished.disconnect(self._finish)

    def _has_timed_out(self, requested_at: float) -> bool:
        """Return whether the end has been awaited too long; the limit is higher while Torch is being loaded."""
        waited = monotonic() - requested_at
        current = self._stall(LAST_STEP_TIMEOUT)
        is_stuck = current is not None and (self._prepared is not None or current.visit is not None)
        return waited >= (LAST_STEP_TIMEOUT if is_stuck else stall.PATIENCE)

    def _finish(self) -> None:
        self._timer.stop()
        self._deliver()
        if self._error is not None:
            self.failed.emit(self._error)
        self.ended.emit()
