"""The viewer thread: steps and paints the watched agent, and puts the newest frames in a mailbox.

While the past is looked at, two agents can be watched: the one of then and the one of now.
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

if TYPE_CHECKING:  # it brings Torch, which the window does not wait for
    from agents.agent import Snapshot
    from agents.infer.paired_watchers import PairedWatchers
    from agents.infer.past_policies import PastPolicies
    from agents.infer.watcher import Watcher
    from agents.store.run import Run

PICTURE = 480
"""Pixels along each side of the first picture; later ones fit the view."""
FRAME = 0.033
"""Seconds between two pictures: a screen has no use for more."""
GLIDE = 0.25
"""Seconds that a movement takes at most, however slowly one watches."""
FAST = 30.0
"""Steps per second from which on each step is a picture, and more would only slow the learning down."""
THOUGHT = 0.5
"""Seconds between two explanations while the watched agent moves: reading them takes longer."""
PATIENCE, LOADING = 5_000, 30_000
"""Milliseconds that the end is waited for, and while Torch is being loaded, which takes long on a busy machine."""


@dataclass(frozen=True, slots=True)
class MemoryPicture:
    """The picture of a remembered moment; None if its world can't paint the past."""

    entry_id: int
    picture: Any


class ViewerThread(QThread):
    """Owns the watched world, and does what it is ordered. Every public method is called from the window's thread.

    Signals:
        ready: the watching agent exists (Torch is loaded).
        framed: a `Frame`, the newest, at most 30 a second.
        compared: the `Frame` of the agent of now beside it, or None once there is none beside it any more.
        reasoned: the `Reasons` of the newest decision, while they are asked for.
        reconsidered: a `Reconsidered` that was asked for, or None if that moment is over.
        pictured: a `MemoryPicture` that was asked for.
        misunderstood: a `NotUnderstood`, for what an agent was told.
        failed: str, why watching had to stop; it goes on with the next task shown.
        remarked: a `Remark`: the watched world is not quite as it declares.
        hung: a `Visit`, once: that call of the watched world does not come back, and nothing follows.
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
        """Of the thread, once it runs."""
        self._make: Callable[..., Watcher]
        self._past_policies: PastPolicies
        self._join: Callable[..., PairedWatchers]
        self._watched: PairedWatchers
        """The agent that is watched, and the one of now beside it, if any."""
        self._shown: tuple[Task, int | None] | None = None
        self._pairs = 0
        self._is_pair = False
        self._orders: SimpleQueue[Order] = SimpleQueue()
        self._taken: deque[Order] = deque()
        """Orders that the thread has taken and not obeyed yet; only the thread touches it."""
        self._frames: Mailbox[tuple[Frame, ...]] = Mailbox()
        self._reasons: Mailbox[Reasons] = Mailbox()
        self._explains, self._explained, self._is_explained = False, 0.0, False
        self._pictures: deque[MemoryPicture] = deque()
        self._again: deque[Reconsidered | None] = deque()
        self._pace, self._resting, self._on_stage = 8.0, False, False
        self._stepped, self._blend = 0.0, 1.0
        self._poll = QTimer(self, interval=round(FRAME * 1000))
        self._poll.timeout.connect(self._deliver)
        self.finished.connect(self._poll.stop)
        self._poll.start()

    def order(self, order: Order) -> None:
        """Ask for something; the thread does it before it acts or paints again."""
        self._orders.put(order)

    def stop(self) -> bool:
        """End the thread, and wait for that; return whether it ended: the watched world may hang."""
        self.requestInterruption()
        self._orders.put(orders.Wake())
        ended = self.wait(PATIENCE if hasattr(self, "_watched") else LOADING)
        self._poll.stop()
        return ended

    def run(self) -> None:
        """Act and paint until stopped. Called by Qt, in the new thread."""
        self._ident = threading.get_ident()
        # Torch takes two seconds to import, and the window must be painted before
        import torch

        from agents.errors import ENV_ERRORS, error_text
        from agents.infer.paired_watchers import PairedWatchers
        from agents.infer.past_policies import PastPolicies
        from agents.infer.watcher import Watcher
        from envs.external.checked_env import take_warnings

        torch.set_num_threads(1)  # a small model is ten times slower on two threads
        self._make, self._join, self._past_policies = partial(Watcher, PICTURE), PairedWatchers, PastPolicies()
        self._renew()
        self.ready.emit()
        while not self.isInterruptionRequested():
            try:
                self._obey()
                if self._is_moving():
                    self._move(self._watched)
                self._explain()
            except ENV_ERRORS as error:  # worlds are anybody's code: one that fails must not close the window
                self._on_stage = False
                self.failed.emit(error_text(error))
            for remark in take_warnings():
                self.warned.emit(remark)

    def _obey(self) -> None:
        """Do what was asked; wait for more while there is nothing to watch."""
        self._take_orders(wait=True)
        while self._taken:
            self._execute(self._taken.popleft())
            self._take_orders(wait=False)

    def _take_orders(self, *, wait: bool) -> None:
        """Take all orders that have come; with `wait`, wait for one until the next picture is due."""
        try:
            if wait and not self._taken:
                self._taken.append(self._orders.get(timeout=self._patience() if self._is_moving() else None))
            while True:
                self._taken.append(self._orders.get_nowait())
        except Empty:
            self._taken = deque(orders.without_outdated_recalls(self._taken))

    def _execute(self, order: Order) -> None:  # noqa: C901, PLR0915  one case for each kind of order
        watched, watcher = self._watched, self._watched.watchers[0]
        match order:
            case orders.LoadWeights(snapshot):
                watcher.load(snapshot)
            case orders.LoadNewest(snapshot):
                self._load_newest(snapshot)
            case orders.LoadFromRun(run, step):
                _recall(watcher, run, step)
            case orders.Compare(run):
                self._compare(watcher, run)
            case orders.Renew():
                self._renew()
            case orders.Show(task, task_id):
                self._show(task, task_id)
            case orders.Reset():
                self._once(watched.reset)
            case orders.ActOnce():
                self._pace = 0.0
                self._once(watched.step)
            case orders.Instruct(text):
                self._instruct(text)
            case orders.LeaveOut(ids, moment):
                self._again.append(watcher.without(ids, moment))
            case orders.SetEarlier(run, milestones):
                self._refer(run, milestones)
            case orders.DrawMemory(entry, task, size):
                self._pictures.append(MemoryPicture(entry.id, watcher.picture(task, entry.picture_state, size)))
            case orders.SetPace(steps_per_second):
                self._pace = min(steps_per_second, FAST)
            case orders.SetResting(resting):
                self._resting = resting
            case orders.SetExplaining(wanted):
                self._explains, self._is_explained = wanted, False
            case orders.SetTheme(dark):
                self._set_theme(dark)
            case orders.SetSize(pixels):
                self._set_size(pixels)

    def _load_newest(self, snapshot: Snapshot) -> None:
        for watcher in self._watched.watchers[1:]:
            watcher.load(snapshot)

    def _refer(self, run: Run | None, milestones: tuple[Milestone, ...]) -> None:
        self._past_policies.refer(run, milestones)
        self._is_explained = False

    def _set_theme(self, dark: bool) -> None:
        self._dark = dark
        for watcher in self._watched.watchers:
            watcher.dark = dark
        self._once(lambda: self._watched.frame(1.0))

    def _set_size(self, pixels: int) -> None:
        for watcher in self._watched.watchers:
            watcher.size = pixels

    def _explain(self) -> None:
        """Explain the newest decision, if that is wanted and was not done: now and then while it moves."""
        if not self._explains or self._is_explained or not self._on_stage:
            return
        if self._is_moving() and monotonic() - self._explained < THOUGHT:
            return
        self._is_explained = True  # before the attempt: what fails is not tried again at once
        if (reasons := self._watched.watchers[0].explain(self._past_policies)) is not None:
            self._reasons.put(reasons)
        self._explained = monotonic()

    def _renew(self) -> None:
        self._watched = self._join(self._make(dark=self._dark))
        self._on_stage, self._shown = False, None

    def _compare(self, watcher: Watcher, run: Run | None) -> None:
        """Begin an episode that both live from the same world on, or go on with one agent alone."""
        self._pairs += 1
        others = [] if run is None else [self._make(dark=self._dark)]
        for other in others:
            other.size = watcher.size
            assert run is not None  # nobody stands beside without a run
            _recall(other, run, None)
        self._watched = self._join(watcher, *others, seed=self._pairs if others else None)
        if self._shown is not None and others:
            self._show(*self._shown)
        else:
            self._once(lambda: self._watched.frame(1.0))

    def _is_moving(self) -> bool:
        return self._on_stage and not self._resting and self._pace > 0

    def _patience(self) -> float:
        return FRAME if self._blend < 1 else max(self._stepped + 1 / self._pace - monotonic(), 0.001)

    def _move(self, watched: PairedWatchers) -> None:
        now = monotonic()
        if now - self._stepped >= 1 / self._pace:
            self._stepped = now
            frames = watched.step()
            self._is_explained = False
            begins = any(frame.time == 0 for frame in frames)
            self._blend = 1.0 if self._pace >= FAST / 2 or begins else 0.0
            self._frames.put(watched.frame(0.0) if self._blend == 0 else frames)
        elif self._blend < 1 and self._frames.is_empty:
            self._blend = min((now - self._stepped) / min(1 / self._pace, GLIDE), 1.0)
            self._frames.put(watched.frame(self._blend))

    def _show(self, task: Task, task_id: int | None) -> None:
        self._on_stage, self._shown = False, (task, task_id)
        self._watched.show(task, task_id)
        self._on_stage = True
        self._once(lambda: self._watched.frame(1.0))

    def _once(self, act: Callable[[], tuple[Frame, ...]]) -> None:
        if self._on_stage:
            self._stepped, self._blend, self._is_explained = monotonic(), 1.0, False
            self._frames.put(act())

    def _instruct(self, text: str) -> None:
        try:
            self._once(lambda: self._watched.instruct(text))
        except NotUnderstood as error:
            self.misunderstood.emit(error)

    def _deliver(self) -> None:
        if (frames := self._frames.take()) is not None:
            self._tell(*frames)
        if (reasons := self._reasons.take()) is not None:
            self.reasoned.emit(reasons)
        while self._again:
            self.reconsidered.emit(self._again.popleft())
        while self._pictures:
            self.pictured.emit(self._pictures.popleft())
        if (guest := active_call(self._ident)) is not None and guest.seconds >= stall.PATIENCE:
            self._poll.stop()
            self.hung.emit(guest)

    def _tell(self, frame: Frame, beside: Frame | None = None) -> None:
        self.framed.emit(frame)
        if beside is not None or self._is_pair:
            self.compared.emit(beside)
        self._is_pair = beside is not None


def _recall(watcher: Watcher, run: Run, step: int | None) -> None:
    from agents.agent import Snapshot  # brings Torch; by now it is loaded

    if any(step is None or kept <= step for kept in run.checkpoints()):
        arrays, about, at = run.checkpoint_at(step)
        watcher.load(Snapshot(at, arrays, about, run.task_arrays_at(at)))
