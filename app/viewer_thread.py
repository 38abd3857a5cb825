"""Watches the agent beside the window: acts, paints, and leaves the newest frame in a mailbox."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from agents.events import Frame, MemoryEntry
from agents.mailbox import Mailbox
from envs.task import Task

if TYPE_CHECKING:  # it brings Torch, which the window does not wait for
    from agents.runs import Run
    from agents.watcher import Watcher

PICTURE = 480
"""Pixels along each side of the first picture; later ones fit the view."""
FRAME = 0.033
"""Seconds between two pictures: a screen has no use for more."""
GLIDE = 0.25
"""Seconds that a movement takes at most, however slowly one watches."""
FAST = 30.0
"""Steps per second from which on each step is a picture, and more would only slow the learning down."""

Order = Callable[["Watcher"], object]


@dataclass(frozen=True, slots=True)
class MemoryPicture:
    """The picture of a remembered moment; None if its world can't paint the past."""

    entry_id: int
    picture: Any


class ViewerThread(QThread):
    """Owns the watched world. Every method is called from the window's thread.

    Signals:
        ready: the watching agent exists (Torch is loaded).
        framed: a `Frame`, the newest, at most 30 a second.
        pictured: a `MemoryPicture` that was asked for.
        failed: str, why watching had to stop; it goes on with the next task shown.
    """

    ready = Signal()
    framed = Signal(object)
    pictured = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None, *, dark: bool = False) -> None:
        super().__init__(parent)
        self._dark = dark
        self._make: Callable[..., Watcher]
        self._watcher: Watcher
        self._orders: SimpleQueue[Order] = SimpleQueue()
        self._frames: Mailbox[Frame] = Mailbox()
        self._pictures: deque[MemoryPicture] = deque()
        self._pace, self._resting, self._on_stage = 8.0, False, False
        self._stepped, self._blend = 0.0, 1.0
        self._poll = QTimer(self, interval=round(FRAME * 1000))
        self._poll.timeout.connect(self._deliver)
        self.finished.connect(self._poll.stop)
        self._poll.start()

    def load(self, snapshot: Any) -> None:
        """Go on with these weights."""
        self._orders.put(lambda watcher: watcher.load(snapshot))

    def recall(self, run: Run, step: int | None) -> None:
        """Go on with the weights that a stored run kept at, or before, `step`."""
        self._orders.put(lambda watcher: _recall(watcher, run, step))

    def renew(self) -> None:
        """Go on with an untrained agent."""
        self._orders.put(lambda _: self._renew())

    def show(self, task: Task, column: int | None) -> None:
        """Watch another task, from the start of an episode."""
        self._orders.put(lambda watcher: self._show(watcher, task, column))

    def reset(self) -> None:
        """Begin a new episode."""
        self._orders.put(lambda watcher: self._once(watcher, watcher.reset))

    def step(self) -> None:
        """Act once, then hold still."""
        self.pace(0.0)
        self._orders.put(lambda watcher: self._once(watcher, watcher.step))

    def pace(self, steps_per_second: float) -> None:
        """Watch this many steps a second; 0 holds still."""
        self._orders.put(lambda _: setattr(self, "_pace", min(steps_per_second, FAST)))

    def rest(self, resting: bool) -> None:
        """Stop acting and painting while nobody looks."""
        self._orders.put(lambda _: setattr(self, "_resting", resting))

    def dress(self, *, dark: bool) -> None:
        """Paint for a dark or a light theme."""
        self._orders.put(lambda watcher: self._dress(watcher, dark))

    def fit(self, size: int) -> None:
        """Paint so many pixels along each side from the next picture on."""
        self._orders.put(lambda watcher: setattr(watcher, "size", size))

    def picture(self, entry: MemoryEntry, task: Task, size: int) -> None:
        """Paint a remembered moment."""
        self._orders.put(lambda watcher: self._remember(watcher, entry, task, size))

    def stop(self) -> None:
        """End the thread, and wait for that."""
        self.requestInterruption()
        self._orders.put(lambda _: None)
        self.wait()

    def run(self) -> None:
        """Act and paint until stopped. Called by Qt, in the new thread."""
        # Torch takes two seconds to import, and the window must be painted before
        import torch

        from agents.watcher import Watcher

        torch.set_num_threads(1)  # a small model is ten times slower on two threads
        self._make = partial(Watcher, PICTURE)
        self._renew()
        self.ready.emit()
        while not self.isInterruptionRequested():
            try:
                self._obey()
                if self._is_moving():
                    self._move(self._watcher)
            except Exception as error:  # noqa: BLE001 - worlds are anybody's code: one that fails must not close the window
                self._on_stage = False
                self.failed.emit(f"{type(error).__name__}: {error}")

    def _obey(self) -> None:
        """Do what was asked; wait for more while there is nothing to watch."""
        try:
            order = self._orders.get(timeout=self._patience()) if self._is_moving() else self._orders.get()
            while True:
                order(self._watcher)
                order = self._orders.get_nowait()
        except Empty:
            return

    def _renew(self) -> None:
        self._watcher = self._make(dark=self._dark)
        self._on_stage = False

    def _is_moving(self) -> bool:
        return self._on_stage and not self._resting and self._pace > 0

    def _patience(self) -> float:
        return FRAME if self._blend < 1 else max(self._stepped + 1 / self._pace - monotonic(), 0.001)

    def _move(self, watcher: Watcher) -> None:
        now = monotonic()
        if now - self._stepped >= 1 / self._pace:
            self._stepped = now
            frame = watcher.step()
            self._blend = 1.0 if self._pace >= FAST / 2 or frame.time == 0 else 0.0
            self._frames.put(watcher.frame(0.0) if self._blend == 0 else frame)
        elif self._blend < 1 and self._frames.is_empty:
            self._blend = min((now - self._stepped) / min(1 / self._pace, GLIDE), 1.0)
            self._frames.put(watcher.frame(self._blend))

    def _show(self, watcher: Watcher, task: Task, column: int | None) -> None:
        self._on_stage = False
        watcher.show(task, column)
        self._on_stage = True
        self._once(watcher, lambda: watcher.frame(1.0))

    def _once(self, watcher: Watcher, act: Callable[[], Frame]) -> None:
        if self._on_stage:
            self._stepped, self._blend = monotonic(), 1.0
            self._frames.put(act())

    def _dress(self, watcher: Watcher, dark: bool) -> None:
        self._dark = watcher.dark = dark
        self._once(watcher, lambda: watcher.frame(1.0))

    def _remember(self, watcher: Watcher, entry: MemoryEntry, task: Task, size: int) -> None:
        self._pictures.append(MemoryPicture(entry.id, watcher.picture(task, entry.moment, size)))

    def _deliver(self) -> None:
        frame = self._frames.take()
        if frame is not None:
            self.framed.emit(frame)
        while self._pictures:
            self.pictured.emit(self._pictures.popleft())


def _recall(watcher: Watcher, run: Run, step: int | None) -> None:
    from agents.agent import Snapshot  # brings Torch; by now it is loaded

    if any(kept <= (step or kept) for kept in run.checkpoints()):
        arrays, about, at = run.checkpoint_at(step)
        watcher.load(Snapshot(at, arrays, about))
