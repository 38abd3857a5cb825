"""What the viewer shows: task, weights and speed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from agents.analysis.score_changes import most_changed
from agents.events import Frame, MemoryEntry
from agents.infer.explanation_data import Milestone, Reasons, milestones
from agents.store.run import Run
from agents.story import Story, View
from app.viewer import orders
from app.viewer.orders import Order, Setting
from app.viewer.viewer_thread import PICTURE, ViewerThread
from envs.curriculum import Stage
from envs.external.active_calls import ActiveCall
from envs.task import Task
from widgets.style.translation import tr
from widgets.style.world_fault_text import world_fault_text

SMALLEST, LARGEST = 240, 720
"""Pixels along each side of a picture, at least and at most; painting more would slow learning down."""


class Watching(QObject):
    """Tells the viewer what to show: the task in training, unless a person chose another.

    Signals:
        framed: the newest `Frame`.
        compared: the `Frame` of the agent of now beside it; None once the past is left.
        reasoned: the `Reasons` of the newest decision, while they are asked for.
        reconsidered: a `Reconsidered` that was asked for, or None if that moment is over.
        pictured: a `MemoryPicture` that was asked for.
        misunderstood: a `NotUnderstood`, for what an agent was told.
        cleared: what was watched is no longer in front.
        failed: str, why watching had to stop.
        remarked: str, what is odd about a watched world; said once.
    """

    framed = Signal(object)
    compared = Signal(object)
    reasoned = Signal(object)
    reconsidered = Signal(object)
    pictured = Signal(object)
    misunderstood = Signal(object)
    cleared = Signal()
    failed = Signal(str)
    warned = Signal(str)

    def __init__(self, parent: QObject | None = None, *, dark: bool = False) -> None:
        super().__init__(parent)
        self.viewer = self._viewer(dark=dark)
        self._hung: list[ViewerThread] = []
        """Threads that were left to a world that hangs, perhaps for ever."""
        self._settings: dict[type[Setting], Setting] = {orders.SetTheme: orders.SetTheme(dark)}
        """The last setting of each kind, for a viewer in the place of one that hangs."""
        self._warned: set[tuple[str, str]] = set()
        self._chosen: Task | None = None
        self._trained: Task | None = None
        """What the viewer shows unless a person chose a task."""
        self._tasks: tuple[Task, ...] = ()
        self._shown: tuple[Task, int | None] | None = None
        self._referred: tuple[Path | None, tuple[Milestone, ...]] = (None, ())
        self._is_fresh = True
        self._wants_both = True
        self._past: Run | None = None
        """The run whose past is looked at."""
        self._looked: View | None = None
        """The moment that was looked at last."""
        self.compares = False
        """Whether the agent of now is watched beside the one of then."""
        self._size = PICTURE

    def _viewer(self, *, dark: bool = False) -> ViewerThread:
        viewer = ViewerThread(self, dark=dark)
        viewer.framed.connect(self._frame)
        viewer.compared.connect(self.compared)
        viewer.reasoned.connect(self._reason)
        viewer.reconsidered.connect(self.reconsidered)
        viewer.pictured.connect(self.pictured)
        viewer.misunderstood.connect(self.misunderstood)
        viewer.failed.connect(self._fail)
        viewer.warned.connect(self._warn)
        viewer.hung.connect(self._replace)
        return viewer

    def _replace(self, guest: ActiveCall) -> None:
        """Go on with another viewer, from the next task shown and the next weights on: a thread that hangs is left."""
        hung, self._past, self.compares = self.viewer, None, False
        hung.requestInterruption()  # if the world ever comes back, its thread ends
        hung.disconnect(self)
        hung.setParent(None)
        self._hung.append(hung)
        self.viewer = self._viewer()
        for setting in self._settings.values():
            self.viewer.order(setting)
        self.viewer.start()
        words = tr("{task}: {call} has not come back for {seconds} s. It is not watched any more.")
        self.failed.emit(words.format(task=guest.world, call=guest.call, seconds=round(guest.seconds)))

    def _order(self, order: Order) -> None:
        """Order something of this viewer; a setting also of any that takes its place."""
        if isinstance(order, Setting):
            self._settings[type(order)] = order
        self.viewer.order(order)

    def start(self) -> None:
        """Begin to watch; Torch is loaded in the background."""
        self.viewer.start()

    def choose(self, task: Task | None) -> None:
        """Watch this task, or None: whichever is in training."""
        self._chosen = task
        self._show()

    def compare(self, *, wanted: bool) -> None:
        """Where the past is looked at, watch the agent of now beside it, or do not."""
        self._wants_both = wanted
        self._pair()
        if self._past is not None and self._looked is not None:
            self._train(self._offered(self._looked))

    def pace(self, steps_per_second: float) -> None:
        """Watch this fast."""
        self._order(orders.SetPace(steps_per_second))

    def step(self) -> None:
        """Watch one step, then hold still."""
        self._order(orders.ActOnce())

    def reset(self) -> None:
        """Watch a new episode."""
        self._order(orders.Reset())

    def instruct(self, text: str) -> None:
        """Let every watched agent do what a person asks, in its goal's place; training never hears of it."""
        self._order(orders.Instruct(text))

    def rest(self, resting: bool) -> None:
        """Stop watching while nobody looks."""
        self._order(orders.SetResting(resting))

    def explain(self, *, wanted: bool) -> None:
        """Say why the watched agent decides as it does, while somebody looks at that."""
        self._order(orders.SetExplaining(wanted))

    def leave_out(self, ids: tuple[int, ...], moment: tuple[int, int]) -> None:
        """Take the decision of a moment again, without knowing these sentences."""
        self._order(orders.LeaveOut(ids, moment))

    def apply_theme(self, *, dark: bool) -> None:
        """Paint for a dark or a light theme."""
        self._order(orders.SetTheme(dark))

    def fit(self, pixels: int) -> None:
        """Paint pictures of just as many pixels as the view has, within reason: stretching them costs more."""
        size = min(max(pixels, SMALLEST), LARGEST)
        if size != self._size:
            self._size = size
            self._order(orders.SetSize(size))

    def picture(self, entry: MemoryEntry, size: int) -> None:
        """Paint a remembered moment."""
        if entry.task_id < len(self._tasks):
            self._order(orders.DrawMemory(entry, self._tasks[entry.task_id], size))

    def clear(self) -> None:
        """Watch nothing of what was in front any more, and no task that was chosen there."""
        self._chosen = self._trained = self._shown = self._looked = None
        self._is_fresh = False
        self.cleared.emit()

    def restart(self, stages: Iterable[Stage]) -> None:
        """Watch an untrained agent in the first task of these stages."""
        first = next(iter(stages), None)
        self._leave()
        self._looked = None
        self._refer(None, ())
        if not self._is_fresh:
            self._is_fresh, self._shown = True, None
            self._order(orders.Renew())
        self._tasks = ()
        self._train(first.configured_task if first else None)

    def follow(self, story: Story, snapshot: Any, folder: Path | None) -> None:
        """Keep up with a live run: its newest weights, and the task that it trains unless the past is looked at."""
        if self.compares:
            if snapshot is not None:
                self._order(orders.LoadNewest(snapshot))
            return
        if snapshot is not None:
            self._is_fresh = False
            self._order(orders.LoadWeights(snapshot))
        self._tasks = story.tasks
        self._refer(folder, milestones(story.until()))
        if story.clips:
            self._train(story.clips[-1].stage.configured_task)

    def travel(self, folder: Path, view: View) -> None:
        """Watch the agent of another moment of a recorded run, in the task that it trained then.

        Where the agent of now stands beside it, it is the task in which the two differ most.
        """
        self._is_fresh, self._looked, run = False, view, Run(folder)
        if self._past is not None and self._past.folder != folder:
            self._leave()
        self._past = run if view.step < view.story.step else None
        self._order(orders.LoadFromRun(run, view.step))
        self._refer(folder, milestones(view))
        self._tasks = view.tasks
        if (offered := self._offered(view)) is not None:
            self._train(offered)
        self._pair()

    def _frame(self, frame: Frame) -> None:
        if self._is_shown(frame.task):
            self.framed.emit(frame)

    def _reason(self, reasons: Reasons) -> None:
        if self._is_shown(reasons.frame.task):
            self.reasoned.emit(reasons)

    def _is_shown(self, task: Task) -> bool:
        """Whether it is what is watched: what the viewer tells of another one was still on its way."""
        return self._shown is not None and self._shown[0].identity == task.identity

    def _fail(self, said: str) -> None:
        task = tr(self._shown[0].title) if self._shown else ""
        self.failed.emit(
            tr("{task} can't be watched. {error}", task=task, error=world_fault_text(said)) if task else said
        )

    def _warn(self, remark: Any) -> None:
        if remark.about not in self._warned:
            self._warned.add(remark.about)
            self.warned.emit(tr(remark.message, **remark.arguments))

    def close(self) -> bool:
        """End the viewer; return whether it ended."""
        return self.viewer.stop() and not any(viewer.isRunning() for viewer in self._hung)

    def _offered(self, view: View) -> Task | None:
        """Return which task to watch unless a person chose one."""
        compares = self._past is not None and self._wants_both
        if compares and (task_id := most_changed(view)) is not None:
            return view.tasks[task_id]
        return view.clips[-1].stage.configured_task if view.clips else self._trained

    def _refer(self, folder: Path | None, found: tuple[Milestone, ...]) -> None:
        """Say with which earlier agents decisions are compared, where that is new."""
        if (folder, found) != self._referred:
            self._referred = folder, found
            self._order(orders.SetEarlier(None if folder is None else Run(folder), found))

    def _leave(self) -> None:
        self._past = None
        self._pair()

    def _pair(self) -> None:
        """Begin to compare, or end it, where that is not yet so."""
        wanted = self._past is not None and self._wants_both
        if wanted != self.compares:
            self.compares = wanted
            self._order(orders.Compare(self._past if wanted else None))

    def _train(self, task: Task | None) -> None:
        self._trained = task
        self._show()

    def _show(self) -> None:
        task = self._chosen or self._trained
        if task is None:
            return
        task_id = next((place for place, known in enumerate(self._tasks) if known.identity == task.identity), None)
        if (task, task_id) != self._shown:
            self._shown = (task, task_id)
            self._order(orders.Show(task, task_id))
