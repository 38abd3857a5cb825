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
from app.runs.model_loading import load_events, until_here
from widgets.style.translation import tr

if TYPE_CHECKING:  # imports Torch
    from agents.training.prepared_run import PreparedRun

log = logging.getLogger("palimpsest")
FRAME = 50
"""Milliseconds between two deliveries: the panels are drawn less often."""
LEAVING = 1.0
"""Seconds that a world may take to come back once the run is to stop; then it is left behind."""
ENDING = 5.0
"""Seconds that its last step may take once the run is to end; after that its world hangs."""


class TrainerThread(QThread):
    """Lives one run in the background and tells the window about it twenty times a second.

    The worker only appends to a queue, so it never waits for the window and never
    floods it; a timer in the window's thread empties the queue. `put` and `stop` are
    called from the window's thread, and what is put before the run is ready waits for it.
    The run's `model`, its settings or the folder of a run that has one, is at hand before the
    run is made.

    Signals:
        arrived: an `LoadProgress`, each time that the run's model is further on its way into memory.
        recalled: the `Story` of a run that goes on, as far as it had come; before anything else.
        happened: tuple[Event, ...], in order, never empty.
        phased: str: what the run does now is another thing, as `Progress` calls it.
        stalled: str, once each time that the run takes no step for long: its world may hang.
        recovered: it takes steps again.
        left: str: it was to stop, and was abandoned to a world that does not come back. Nothing follows.
        failed: the exception that ended the run.
        over: the thread has ended, and everything that happened was told.
    """

    arrived = Signal(object)
    recalled = Signal(object)
    happened = Signal(tuple)
    phased = Signal(str)
    stalled = Signal(str)
    recovered = Signal()
    left = Signal(str)
    failed = Signal(object)
    over = Signal()

    def __init__(
        self,
        prepare: Callable[[], PreparedRun],
        parent: QObject | None = None,
        model: AnyModelConfig | Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._prepare, self._model = prepare, model
        self._arrival: LoadProgress | None = None
        """The last that was told of the model, until it is passed on."""
        self._prepared: PreparedRun | None = None
        self._waiting: deque[Command] = deque()
        self._passing = threading.Lock()
        self._pasts: deque[Story] = deque()
        self._events: deque[Event] = deque()
        self._error: BaseException | None = None
        self._phase = ""
        self._making: MakingHeartbeat | None = None
        """Beats from when the run begins to be made."""
        self._asked: float | None = None
        """When the run was asked to stop."""
        self.hangs = False
        """Whether the run has taken no step for long."""
        self._is_abandoned = False
        self._frame = QTimer(self, interval=FRAME)
        self._frame.timeout.connect(self._deliver)
        self.finished.connect(self._conclude)
        self._frame.start()

    @property
    def folder(self) -> Path | None:
        """Where the run is recorded, once it is ready."""
        return self._prepared.run.folder if self._prepared else None

    @property
    def name(self) -> str:
        """What people call the run, once it is ready."""
        return self._prepared.run.name if self._prepared else ""

    @property
    def hung_world(self) -> str:
        """The Gymnasium id of the world that the run is in; empty if it is in none of somebody else's."""
        found = self._stall(0)
        is_guest = found is not None and (found.visit is not None or self._prepared is None)
        return found.task if found is not None and is_guest else ""

    def put(self, command: Command) -> None:
        """Ask something of the run."""
        if isinstance(command, Stop) and self._asked is None:
            self._asked = monotonic()
        self._waiting.append(command)
        self._pass_on()

    def snapshot(self) -> Any:
        """Return the newest weights if there are newer ones than last time."""
        return self._prepared.trainer.snapshots.take() if self._prepared else None

    def stop(self) -> bool:
        """End the run in good order, and wait for that; return False if it hangs, which leaves it behind."""
        self.put(Stop())
        asked = monotonic()
        while not self.wait(FRAME):
            if self._is_hopeless(asked):
                with suppress(BadInput):  # it hangs while it writes: that leaves the old file or the new one
                    self.abandon()
                self._fall_silent()
                return False
        return True

    def abandon(self) -> None:
        """Hear and write nothing more of the run: its world hangs, and a thread can't be ended from outside.

        If the world ever comes back, the thread ends at its next breath. Raises `BadInput`
        if it hangs while it writes; then nothing has changed.
        """
        with self._passing:
            if self._prepared is not None:
                self._prepared.run.abandon()
            self._fall_silent()

    def run(self) -> None:
        """Prepare and live the run. Called by Qt, in the new thread."""
        try:
            with closing(load_events(self._model)) as model:
                for self._arrival in until_here(model):
                    if self._is_unwanted:
                        return
                self._making = MakingHeartbeat()
                prepared = self._prepare()
            self._live(prepared)
        except BadInput as error:  # the line says what is wrong and where
            log.info("the run ended: %s", error)
            self._error = error
        except (Exception, SystemExit) as error:  # an error in a world or a plugin must not close the window
            log.debug("the run ended", exc_info=True)
            self._error = error

    def _live(self, prepared: PreparedRun) -> None:
        with closing(prepared.events) as events:
            if self._is_abandoned:
                prepared.discard()
                return
            past = prepared.recall()
            with self._passing:
                self._prepared = prepared
                if self._is_abandoned:
                    prepared.run.abandon()
            self._pass_on()
            if past is not None:
                self._pasts.append(past)
            for event in events:
                if self._is_abandoned:
                    break
                if not isinstance(event, TRANSIENT):
                    self._events.append(event)

    @property
    def _is_unwanted(self) -> bool:
        """Whether the run was stopped or left before it was ready."""
        return self._is_abandoned or any(isinstance(command, Stop) for command in tuple(self._waiting))

    def _pass_on(self) -> None:
        with self._passing:  # both threads pass on, and commands must stay in order
            while self._prepared and self._waiting:
                self._prepared.trainer.commands.put(self._waiting.popleft())

    def _deliver(self) -> None:
        arrival, self._arrival = self._arrival, None
        if arrival is not None:
            self.arrived.emit(arrival)
        count = len(self._events)  # first: the past is appended before any event
        if self._pasts:
            self.recalled.emit(self._pasts.popleft())
        if count:
            self.happened.emit(tuple(self._events.popleft() for _ in range(count)))

        self._look_for_a_phase()
        self._listen_for_a_heartbeat()

    def _look_for_a_phase(self) -> None:
        phase = self._prepared.trainer.heartbeat.phase if self._prepared else ""
        if phase != self._phase:
            self._phase = phase
            self.phased.emit(phase)

    def _stall(self, patience: float) -> Stall | None:
        """Return how the run hangs, being lived or being made."""
        if self._prepared is not None:
            return self._prepared.trainer.heartbeat.stall(patience)
        return self._making.stall(patience) if self._making else None

    def _listen_for_a_heartbeat(self) -> None:
        found = self._stall(stall.PATIENCE)
        hung, self.hangs = self.hangs, found is not None
        if found is not None and not hung:
            words = tr("{task}: no step for {seconds} s. Its world may hang.")
            if found.phase == "making":
                words = tr("{task}: not ready after {seconds} s. Its world may hang.")
            self.stalled.emit(words.format(task=found.task, seconds=round(found.seconds)))
        elif hung and not self.hangs:
            self.recovered.emit()
        if self._asked is not None and monotonic() - self._asked >= LEAVING:
            self._leave_if_it_hangs()

    def _leave_if_it_hangs(self) -> None:
        """Abandon a run that was to stop, and is still being made, or in a call that does not come back."""
        found = self._stall(0)
        guest = None if found is None else found.visit
        if self._prepared is not None and not self.hangs and (guest is None or guest.seconds < LEAVING):
            return
        with suppress(BadInput):  # it hangs while it writes: that can't take long
            self.abandon()
            told = tr("Stopped.")
            if guest is not None:
                words = tr("{task}: {call} has not come back for {seconds} s, and its thread is left behind.")
                told = words.format(task=guest.world, call=guest.call, seconds=round(guest.seconds))
            self.left.emit(told)

    def _fall_silent(self) -> None:
        if not self._is_abandoned:
            self._is_abandoned = True
            self._frame.stop()
            self.finished.disconnect(self._conclude)

    def _is_hopeless(self, asked: float) -> bool:
        """Tell whether waiting for the end, since `asked`, is in vain: loading Torch takes longer than any step."""
        waited = monotonic() - asked
        found = self._stall(ENDING)
        stuck = found is not None and (self._prepared is not None or found.visit is not None)
        return waited >= (ENDING if stuck else stall.PATIENCE)

    def _conclude(self) -> None:
        self._frame.stop()
        self._deliver()
        if self._error is not None:
            self.failed.emit(self._error)
        self.over.emit()
