"""The viewer thread: steps and draws the watched agent, and puts the newest frames in a mailbox.

While the playhead is in the past, two agents can be watched: the one at the playhead and the newest one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from agents.events import Frame
from agents.infer.explanation_data import Milestone, Reasons, Reconsidered
from agents.runtime import stall
from agents.runtime.mailbox import Mailbox
from app.viewer import orders
from app.viewer.orders import Order
from envs.external.active_calls import active_call
from envs.requests import NotUnderstood
from envs.task import Task

if TYPE_CHECKING:  # imports Torch, which the window must not wait for
    from agents.agent import Snapshot
    from agents.infer.paired_watchers import PairedWatchers
    from agents.infer.past_policies import PastPolicies
    from agents.infer.watcher import Watcher
    from agents.store.run import Run

INITIAL_SIZE = 480
"""Width and height of the first picture in pixels; later ones fit the view."""
FRAME_INTERVAL = 0.033
"""Least seconds between two pictures, about the rate of a screen."""
MAX_TRANSITION = 0.25
"""Longest duration of the animation of one step in seconds, at slow speeds."""
MAX_SPEED = 30.0
"""Highest speed in steps per second: one picture per step; more would only slow down training."""
EXPLANATION_INTERVAL = 0.5
"""Least seconds between two explanations while the watched agent moves: reading one takes longer."""
EXIT_TIMEOUT, LOADING_TIMEOUT = 5_000, 30_000
"""Milliseconds to wait for the thread's end, and while Torch is being imported, which is slow on a busy machine."""


@dataclass(frozen=True, slots=True)
class MemoryPicture:
    """The picture of a memory entry; None if its world can't draw past states."""

    entry_id: int
    picture: Any


class ViewerThread(QThread):
    """Owns the watched world, and executes orders. Every public method is called from the window's thread.

    Signals:
        ready: the watched agent exists (Torch is loaded).
        framed: the newest `Frame`, at most 30 a second.
        compared: the `Frame` of the newest agent beside it; None when the comparison has ended.
        reasoned: the `Reasons` of the newest decision, while `SetExplaining` wants them.
        reconsidered: the `Reconsidered` of a `DecideWithout`; None if that frame is gone.
        pictured: the `MemoryPicture` of a `DrawMemory`.
        misunderstood: a `NotUnderstood`, for an instruction.
        failed: str, why watching had to stop; it resumes with the next task shown.
        warned: a warning that the watched world deviates from what it declares.
        hung: an `ActiveCall`, once: that call of the watched world does not return, and no signal follows.
    """

    ready = Signal()
    framed = Signal(object)
    compared = Signal(object)
    reasoned = Signal(object)
    reconsidered = Signal(object)
    pictured = Signal(object)
    misunderstood = Signal(object)
    failed = Signal(str)
    warned = Signal(object)
    hung = Signal(object)

    def __init__(self, parent: QObject | None = None, *, dark: bool = False) -> None:
        super().__init__(parent)
        self._dark = dark
        self._ident: int | None = None
        """Identifier of the thread, once it runs."""
        self._make_watcher: Callable[..., Watcher]
        self._past_policies: PastPolicies
        self._pair_watchers: Callable[..., PairedWatchers]
        self._watchers: PairedWatchers
        """The watched agent, and the newest one beside it, if any."""
        self._task: tuple[Task, int | None] | None = None
        self._comparisons = 0
        self._has_comparison = False
        self._orders: SimpleQueue[Order] = SimpleQueue()
        self._pending: deque[Order] = deque()
        """Orders that the thread has taken and not executed yet; used only in the thread."""
        self._frames: Mailbox[tuple[Frame, ...]] = Mailbox()
        self._reasons: Mailbox[Reasons] = Mailbox()
        self._wants_explanations, self._last_explained, self._is_explained = False, 0.0, False
        self._pictures: deque[MemoryPicture] = deque()
        self._reconsidered: deque[Reconsidered | None] = deque()
        self._speed, self._is_suspended, self._has_task = 8.0, False, False
        self._last_step, self._blend = 0.0, 1.0
        self._timer = QTimer(self, interval=round(FRAME_INTERVAL * 1000))
        self._timer.timeout.connect(self._deliver)
        self.finished.connect(self._timer.stop)
        self._timer.start()

    def order(self, order: Order) -> None:
        """Queue an order; the thread executes it before it steps or draws again."""
        self._orders.put(order)

    def stop(self) -> bool:
        """Stop the thread and wait for its end; return False if the watched world hangs."""
        self.requestInterruption()
        self._orders.put(orders.Wake())
        has_ended = self.wait(EXIT_TIMEOUT if hasattr(self, "_watchers") else LOADING_TIMEOUT)
        self._timer.stop()
        return has_ended

    def run(self) -> None:
        """Step and draw until stopped. Called by Qt, in the new thread."""
        self._ident = threading.get_ident()
        # Torch takes two seconds to import, and the window must be painted before
        import torch

        from agents.errors import ENV_ERRORS, error_text
        from agents.infer.paired_watchers import PairedWatchers
        from agents.infer.past_policies import PastPolicies
        from agents.infer.watcher import Watcher
        from envs.external.checked_env import take_warnings

        torch.set_num_threads(1)  # a small model is ten times slower on two threads
        self._make_watcher, self._pair_watchers, self._past_policies = (
            partial(Watcher, INITIAL_SIZE),
            PairedWatchers,
            PastPolicies(),
        )
        self._load_untrained()
        self.ready.emit()
        while not self.isInterruptionRequested():
            try:
                self._execute_orders()
                if self._is_moving():
                    self._advance(self._watchers)
                self._explain()
            except ENV_ERRORS as error:  # worlds may be third-party code: an error in one must not close the window
                self._has_task = False
                self.failed.emit(error_text(error))
            for warning in take_warnings():
                self.warned.emit(warning)

    def _execute_orders(self) -> None:
        """Execute all orders; wait for one while there is nothing to draw."""
        self._take_orders(wait=True)
        while self._pending:
            self._execute(self._pending.popleft())
            self._take_orders(wait=False)

    def _take_orders(self, *, wait: bool) -> None:
        """Take all queued orders; with `wait`, wait for one until the next picture is due."""
        try:
            if wait and not self._pending:
                self._pending.append(
                    self._orders.get(timeout=self._seconds_to_next_frame() if self._is_moving() else None)
                )
            while True:
                self._pending.append(self._orders.get_nowait())
        except Empty:
            self._pending = deque(orders.without_outdated_loads(self._pending))

    def _execute(self, order: Order) -> None:  # noqa: C901, PLR0915  one case for each kind of order
        watched, watcher = self._watchers, self._watchers.watchers[0]
        match order:
            case orders.LoadWeights(snapshot):
                watcher.load(snapshot)
            case orders.LoadNewestWeights(snapshot):
                self._load_newest(snapshot)
            case orders.LoadFromRun(run, step):
                _load_checkpoint(watcher, run, step)
            case orders.Compare(run):
                self._compare(watcher, run)
            case orders.LoadUntrained():
                self._load_untrained()
            case orders.ShowTask(task, task_id):
                self._show_task(task, task_id)
            case orders.Reset():
                self._execute_once(watched.reset)
            case orders.StepOnce():
                self._speed = 0.0
                self._execute_once(watched.step)
            case orders.Instruct(text):
                self._instruct(text)
            case orders.DecideWithout(ids, frame_id):
                self._reconsidered.append(watcher.compare_without(ids, frame_id))
            case orders.SetPastAgents(run, milestones):
                self._set_past_agents(run, milestones)
            case orders.DrawMemory(entry, task, size):
                self._pictures.append(MemoryPicture(entry.id, watcher.picture(task, entry.picture_state, size)))
            case orders.SetSpeed(steps_per_second):
                self._speed = min(steps_per_second, MAX_SPEED)
            case orders.SetSuspended(suspended):
                self._is_suspended = suspended
            case orders.SetExplaining(wanted):
                self._wants_explanations, self._is_explained = wanted, False
            case orders.SetTheme(dark):
                self._set_theme(dark)
            case orders.SetSize(pixels):
                self._set_size(pixels)

    def _load_newest(self, snapshot: Snapshot) -> None:
        for watcher in self._watchers.watchers[1:]:
            watcher.load(snapshot)

    def _set_past_agents(self, run: Run | None, milestones: tuple[Milestone, ...]) -> None:
        self._past_policies.set_run(run, milestones)
        self._is_explained = False

    def _set_theme(self, dark: bool) -> None:
        self._dark = dark
        for watcher in self._watchers.watchers:
            watcher.dark = dark
        self._execute_once(lambda: self._watchers.frame(1.0))

    def _set_size(self, pixels: int) -> None:
        for watcher in self._watchers.watchers:
            watcher.size = pixels

    def _explain(self) -> None:
        """Explain the newest decision once, if wanted; at `EXPLANATION_INTERVAL` while the agent moves."""
        if not self._wants_explanations or self._is_explained or not self._has_task:
            return
        if self._is_moving() and monotonic() - self._last_explained < EXPLANATION_INTERVAL:
            return
        self._is_explained = True  # before the attempt, so that an error is not repeated at once
        if (reasons := self._watchers.watchers[0].explain(self._past_policies)) is not None:
            self._reasons.put(reasons)
        self._last_explained = monotonic()

    def _load_untrained(self) -> None:
        self._watchers = self._pair_watchers(self._make_watcher(dark=self._dark))
        self._has_task, self._task = False, None

    def _compare(self, watcher: Watcher, run: Run | None) -> None:
        """Start an episode of both agents in equal worlds, or continue with one agent alone."""
        self._comparisons += 1
        others = [] if run is None else [self._make_watcher(dark=self._dark)]
        for other in others:
            other.size = watcher.size
            assert run is not None  # a second watcher exists only for a run
            _load_checkpoint(other, run, None)
        self._watchers = self._pair_watchers(watcher, *others, seed=self._comparisons if others else None)
        if self._task is not None and others:
            self._show_task(*self._task)
        else:
            self._execute_once(lambda: self._watchers.frame(1.0))

    def _is_moving(self) -> bool:
        return self._has_task and not self._is_suspended and self._speed > 0

    def _seconds_to_next_frame(self) -> float:
        return FRAME_INTERVAL if self._blend < 1 else max(self._last_step + 1 / self._speed - monotonic(), 0.001)

    def _advance(self, watched: PairedWatchers) -> None:
        now = monotonic()
        if now - self._last_step >= 1 / self._speed:
            self._last_step = now
            frames = watched.step()
            self._is_explained = False
            starts_episode = any(frame.time == 0 for frame in frames)
            self._blend = 1.0 if self._speed >= MAX_SPEED / 2 or starts_episode else 0.0
            self._frames.put(watched.frame(0.0) if self._blend == 0 else frames)
        elif self._blend < 1 and self._frames.is_empty:
            self._blend = min((now - self._last_step) / min(1 / self._speed, MAX_TRANSITION), 1.0)
            self._frames.put(watched.frame(self._blend))

    def _show_task(self, task: Task, task_id: int | None) -> None:
        self._has_task, self._task = False, (task, task_id)
        self._watchers.show(task, task_id)
        self._has_task = True
        self._execute_once(lambda: self._watchers.frame(1.0))

    def _execute_once(self, act: Callable[[], tuple[Frame, ...]]) -> None:
        if self._has_task:
            self._last_step, self._blend, self._is_explained = monotonic(), 1.0, False
            self._frames.put(act())

    def _instruct(self, text: str) -> None:
        try:
            self._execute_once(lambda: self._watchers.instruct(text))
        except NotUnderstood as error:
            self.misunderstood.emit(error)

    def _deliver(self) -> None:
        if (frames := self._frames.take()) is not None:
            self._emit_frames(*frames)
        if (reasons := self._reasons.take()) is not None:
            self.reasoned.emit(reasons)
        while self._reconsidered:
            self.reconsidered.emit(self._reconsidered.popleft())
        while self._pictures:
            self.pictured.emit(self._pictures.popleft())
        if (call := active_call(self._ident)) is not None and call.seconds >= stall.PATIENCE:
            self._timer.stop()
            self.hung.emit(call)

    def _emit_frames(self, frame: Frame, beside: Frame | None = None) -> None:
        self.framed.emit(frame)
        if beside is not None or self._has_comparison:
            self.compared.emit(beside)
        self._has_comparison = beside is not None


def _load_checkpoint(watcher: Watcher, run: Run, step: int | None) -> None:
    from agents.agent import Snapshot  # imports Torch, which is loaded by now

    if any(step is None or checkpoint <= step for checkpoint in run.checkpoints()):
        arrays, about, loaded_step = run.checkpoint_at(step)
        watcher.load(Snapshot(loaded_step, arrays, about, run.task_arrays_at(loaded_step)))
