"""Control of the viewer: task, weights and speed."""

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
from app.viewer.viewer_thread import INITIAL_SIZE, ViewerThread
from envs.curriculum import Stage
from envs.external.active_calls import ActiveCall
from envs.task import Task
from widgets.style.translation import tr
from widgets.style.world_fault_text import world_fault_text

MIN_SIZE, MAX_SIZE = 240, 720
"""Limits of a picture's width and height in pixels; drawing more would slow down training."""


class Watching(QObject):
    """Sends orders to the viewer: it shows the task in training, unless the user chose another.

    Signals:
        framed: the newest `Frame`.
        compared: the `Frame` of the newest agent beside it; None when the comparison has ended.
        reasoned: the `Reasons` of the newest decision, while `explain` wants them.
        reconsidered: the `Reconsidered` of a `decide_without`; None if that frame is gone.
        pictured: the `MemoryPicture` of a `picture`.
        misunderstood: a `NotUnderstood`, for an instruction.
        cleared: the watched run is no longer displayed.
        failed: str, why watching had to stop.
        warned: str, how a watched world deviates from what it declares; once per warning.
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
        self.viewer = self._make_viewer(dark=dark)
        self._hung: list[ViewerThread] = []
        """Abandoned threads, in which a world hangs, perhaps for ever."""
        self._settings: dict[type[Setting], Setting] = {orders.SetTheme: orders.SetTheme(dark)}
        """The last setting of each type, for a viewer that replaces one that hangs."""
        self._warned: set[tuple[str, str]] = set()
        self._chosen: Task | None = None
        self._default_task: Task | None = None
        """The task that the viewer shows unless the user chose one."""
        self._tasks: tuple[Task, ...] = ()
        self._shown: tuple[Task, int | None] | None = None
        self._past_agents: tuple[Path | None, tuple[Milestone, ...]] = (None, ())
        self._is_untrained = True
        self._wants_comparison = True
        self._past_run: Run | None = None
        """The run whose past is shown; None at its newest step."""
        self._view: View | None = None
        """The view that was shown last."""
        self.is_comparing = False
        """Whether the newest agent is watched beside the one at the playhead."""
        self._size = INITIAL_SIZE

    def _make_viewer(self, *, dark: bool = False) -> ViewerThread:
        viewer = ViewerThread(self, dark=dark)
        viewer.framed.connect(self._forward_frame)
        viewer.compared.connect(self.compared)
        viewer.reasoned.connect(self._forward_reasons)
        viewer.reconsidered.connect(self.reconsidered)
        viewer.pictured.connect(self.pictured)
        viewer.misunderstood.connect(self.misunderstood)
        viewer.failed.connect(self._on_failed)
        viewer.warned.connect(self._on_warned)
        viewer.hung.connect(self._replace)
        return viewer

    def _replace(self, call: ActiveCall) -> None:
        """Abandon the viewer that hangs, and create another, which shows the next task with the next weights."""
        hung, self._past_run, self.is_comparing = self.viewer, None, False
        hung.requestInterruption()  # ends the thread if the call of the world ever returns
        hung.disconnect(self)
        hung.setParent(None)
        self._hung.append(hung)
        self.viewer = self._make_viewer()
        for setting in self._settings.values():
            self.viewer.order(setting)
        self.viewer.start()
        template = tr("{task}: {call} has not returned for {seconds} s. It is not watched any more.")
        self.failed.emit(template.format(task=call.world, call=call.call, seconds=round(call.seconds)))

    def _order(self, order: Order) -> None:
        """Send an order to the viewer; store a setting for a viewer that replaces it."""
        if isinstance(order, Setting):
            self._settings[type(order)] = order
        self.viewer.order(order)

    def start(self) -> None:
        """Start the viewer; it imports Torch in its thread."""
        self.viewer.start()

    def choose(self, task: Task | None) -> None:
        """Watch this task; None for the one in training."""
        self._chosen = task
        self._show_task()

    def compare(self, *, wanted: bool) -> None:
        """Choose whether to watch the newest agent beside the one at the playhead, while that is in the past."""
        self._wants_comparison = wanted
        self._update_comparison()
        if self._past_run is not None and self._view is not None:
            self._set_default_task(self._task_to_watch(self._view))

    def set_speed(self, steps_per_second: float) -> None:
        """Set the speed; 0 pauses."""
        self._order(orders.SetSpeed(steps_per_second))

    def step(self) -> None:
        """Take one step, then pause."""
        self._order(orders.StepOnce())

    def reset(self) -> None:
        """Start a new episode."""
        self._order(orders.Reset())

    def instruct(self, text: str) -> None:
        """Give every watched agent an instruction instead of its goal; it has no effect on training."""
        self._order(orders.Instruct(text))

    def suspend(self, suspended: bool) -> None:
        """Suspend watching while the view is hidden, or resume."""
        self._order(orders.SetSuspended(suspended))

    def explain(self, *, wanted: bool) -> None:
        """Start or stop to explain the decisions of the watched agent."""
        self._order(orders.SetExplaining(wanted))

    def decide_without(self, ids: tuple[int, ...], frame_id: tuple[int, int]) -> None:
        """Repeat the decision of a frame (episode, time step) without these sentences of knowledge."""
        self._order(orders.DecideWithout(ids, frame_id))

    def apply_theme(self, *, dark: bool) -> None:
        """Draw for a dark or a light theme."""
        self._order(orders.SetTheme(dark))

    def set_size(self, pixels: int) -> None:
        """Draw pictures of the view's size, within limits: scaling them in the window would cost more."""
        size = min(max(pixels, MIN_SIZE), MAX_SIZE)
        if size != self._size:
            self._size = size
            self._order(orders.SetSize(size))

    def picture(self, entry: MemoryEntry, size: int) -> None:
        """Order a picture of a memory entry, `size` pixels wide and high; `pictured` is emitted when it is drawn."""
        if entry.task_id < len(self._tasks):
            self._order(orders.DrawMemory(entry, self._tasks[entry.task_id], size))

    def clear(self) -> None:
        """Forget the watched task and the user's choice, because another run is displayed."""
        self._chosen = self._default_task = self._shown = self._view = None
        self._is_untrained = False
        self.cleared.emit()

    def restart(self, stages: Iterable[Stage]) -> None:
        """Watch an untrained agent in the first task of these stages."""
        first = next(iter(stages), None)
        self._leave_past()
        self._view = None
        self._set_past_agents(None, ())
        if not self._is_untrained:
            self._is_untrained, self._shown = True, None
            self._order(orders.LoadUntrained())
        self._tasks = ()
        self._set_default_task(first.configured_task if first else None)

    def follow(self, story: Story, snapshot: Any, folder: Path | None) -> None:
        """Watch the newest weights of the active run, and, unless a past step is shown, the task that it trains."""
        if self.is_comparing:
            if snapshot is not None:
                self._order(orders.LoadNewestWeights(snapshot))
            return
        if snapshot is not None:
            self._is_untrained = False
            self._order(orders.LoadWeights(snapshot))
        self._tasks = story.tasks
        self._set_past_agents(folder, milestones(story.until()))
        if story.clips:
            self._set_default_task(story.clips[-1].stage.configured_task)

    def show_step(self, folder: Path, view: View) -> None:
        """Watch the agent of a recorded run as it was at the view's step, in the task that it trained then.

        If the newest agent is watched beside it, the task is the one in which the two differ most.
        """
        self._is_untrained, self._view, run = False, view, Run(folder)
        if self._past_run is not None and self._past_run.folder != folder:
            self._leave_past()
        self._past_run = run if view.step < view.story.step else None
        self._order(orders.LoadFromRun(run, view.step))
        self._set_past_agents(folder, milestones(view))
        self._tasks = view.tasks
        if (offered := self._task_to_watch(view)) is not None:
            self._set_default_task(offered)
        self._update_comparison()

    def _forward_frame(self, frame: Frame) -> None:
        if self._is_shown(frame.task):
            self.framed.emit(frame)

    def _forward_reasons(self, reasons: Reasons) -> None:
        if self._is_shown(reasons.frame.task):
            self.reasoned.emit(reasons)

    def _is_shown(self, task: Task) -> bool:
        """Return whether this task is the watched one; a late signal of the viewer may be about the previous one."""
        return self._shown is not None and self._shown[0].identity == task.identity

    def _on_failed(self, reason: str) -> None:
        task = tr(self._shown[0].title) if self._shown else ""
        self.failed.emit(
            tr("{task} can't be watched. {error}", task=task, error=world_fault_text(reason)) if task else reason
        )

    def _on_warned(self, warning: Any) -> None:
        if warning.about not in self._warned:
            self._warned.add(warning.about)
            self.warned.emit(tr(warning.message, **warning.arguments))

    def close(self) -> bool:
        """Stop the viewer; return False if a thread hangs."""
        return self.viewer.stop() and not any(viewer.isRunning() for viewer in self._hung)

    def _task_to_watch(self, view: View) -> Task | None:
        """Return the task to watch unless the user chose one."""
        is_comparing = self._past_run is not None and self._wants_comparison
        if is_comparing and (task_id := most_changed(view)) is not None:
            return view.tasks[task_id]
        return view.clips[-1].stage.configured_task if view.clips else self._default_task

    def _set_past_agents(self, folder: Path | None, past_agents: tuple[Milestone, ...]) -> None:
        """Set the earlier agents that decisions are compared with, if they have changed."""
        if (folder, past_agents) != self._past_agents:
            self._past_agents = folder, past_agents
            self._order(orders.SetPastAgents(None if folder is None else Run(folder), past_agents))

    def _leave_past(self) -> None:
        self._past_run = None
        self._update_comparison()

    def _update_comparison(self) -> None:
        """Start or end the comparison with the newest agent, if it has to change."""
        wanted = self._past_run is not None and self._wants_comparison
        if wanted != self.is_comparing:
            self.is_comparing = wanted
            self._order(orders.Compare(self._past_run if wanted else None))

    def _set_default_task(self, task: Task | None) -> None:
        self._default_task = task
        self._show_task()

    def _show_task(self) -> None:
        task = self._chosen or self._default_task
        if task is None:
            return
        task_id = next((index for index, task_ in enumerate(self._tasks) if task_.identity == task.identity), None)
        if (task, task_id) != self._shown:
            self._shown = (task, task_id)
            self._order(orders.ShowTask(task, task_id))
