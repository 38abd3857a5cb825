"""The planned curriculum and its settings: the model that the task bin, the timeline and the forms show and edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from agents.commands import LIVE_TABLES
from agents.config import RunConfig
from agents.config.changes import changes_between
from agents.story import View
from envs.curriculum import Stage, new_id
from widgets.curriculum.edit_conflict import EditConflict
from widgets.curriculum.plan import CurriculumPlan, EditHistory, begun_first, rebased, same_task, with_follower
from widgets.curriculum.plan_edit import PlanEdit
from widgets.curriculum.setting_edit import SettingEdit
from widgets.style.task_colours import TaskColours
from widgets.style.translation import tr


class CurriculumModel(QObject):
    """The planned stages and settings, with undo, and the part of the plan that has been run.

    Signals:
        changed: title, stages or history changed: draw again.
        edited: a person changed the stages (undo and redo, too). Carries the stages as
            `agents.commands.EditCurriculum` wants them: a running stage that was cut is missing.
        configured: RunConfig: the settings changed to these.
        reconfigured: dict: a person changed settings (undo and redo, too) that a live run takes: dotted paths and
            values.
        held: str: why an undo or a redo is refused for now.
    """

    changed = Signal()
    edited = Signal(object)
    configured = Signal(object)
    reconfigured = Signal(object)
    held = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.colours = TaskColours()
        self._plan = self._saved = CurriculumPlan("")
        self._history = EditHistory()
        self._cut_stage = ""
        self._settings = self._saved_settings = RunConfig()
        self._gestures = 0
        self.is_live = False
        """Whether a run is live, which takes settings of `LIVE_TABLES` only."""

    @property
    def title(self) -> str:
        """The curriculum's title."""
        return self._plan.title

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage, those that were run first."""
        return self._plan.stages

    @property
    def history(self) -> EditHistory:
        """The part of the plan that has been run."""
        return self._history

    @property
    def settings(self) -> RunConfig:
        """The settings of the next run; their name and stages are not used."""
        return self._settings

    @property
    def is_dirty(self) -> bool:
        """Whether there are unsaved edits."""
        return self._plan != self._saved or bool(changes_between(self._saved_settings, self._settings))

    def index(self, id_: str) -> int:
        """Return the index of a stage. Raises EditConflict for an unknown id."""
        for index, stage in enumerate(self.stages):
            if stage.id == id_:
                return index
        raise EditConflict(f"there is no stage {id_!r}; there are: {', '.join(stage.id for stage in self.stages)}")

    def stage(self, id_: str) -> Stage:
        """Return the stage with an id."""
        return self.stages[self.index(id_)]

    def is_open(self, id_: str) -> bool:
        """Return whether a stage has not begun, so that it can be moved and edited freely."""
        return self.index(id_) >= self._history.first_open

    def is_running(self, id_: str) -> bool:
        """Return whether a stage is being trained: it can be resized, given another score limit, swapped and cut."""
        return bool(id_) and self._history.running == id_

    def load(
        self,
        stages: Iterable[Stage],
        title: str,
        settings: RunConfig | None = None,
        *,
        saved: bool = True,
        is_another: bool = False,
    ) -> None:
        """Replace the curriculum, and the settings if given; clear the undo stack and the history.

        Tasks keep their colours, unless `is_another` document is loaded.
        """
        if is_another:
            self.colours.clear()
        self._plan = CurriculumPlan(title, tuple(stages))
        self._saved = self._plan if saved else CurriculumPlan("")
        self._history = EditHistory()
        self.undo_stack.clear()
        if settings is not None:
            self._settings = self._saved_settings = settings.model_copy(update={"stages": ()})
            self.configured.emit(self._settings)
        self._changed()

    def mark_saved(self) -> None:
        """Note that a file contains this plan and these settings."""
        self._saved, self._saved_settings = self._plan, self._settings
        self._changed()

    def take(self, settings: RunConfig) -> None:
        """Adopt settings from elsewhere: no undo step, and saved settings stay saved."""
        was_saved = not changes_between(self._saved_settings, self._settings)
        self._settings = settings.model_copy(update={"stages": ()})
        if was_saved:
            self._saved_settings = self._settings
        self.configured.emit(self._settings)

    def refuse(self, changes: Mapping[str, Any], settings: RunConfig) -> None:
        """Adopt the run's settings after it refused `changes`, and drop the undo step of these changes."""
        stack = self.undo_stack
        edits = [stack.command(index) for index in reversed(range(stack.count()))]
        refused = (edit for edit in edits if isinstance(edit, SettingEdit) and edit.requested(changes))
        if (edit := next(refused, None)) is not None:
            edit.correct(changes, settings)
        self.take(settings)
        self._drop_obsolete()
        self._changed()

    def configure(self, settings: RunConfig, text: str, *, gesture: str = "") -> None:
        """Change the settings. Successive calls with the same `gesture` are one undo step, until `settle` is called."""
        if changes_between(self._settings, settings):
            gesture_id = f"{gesture} {self._gestures}" if gesture else ""
            self.undo_stack.push(SettingEdit(self._set, self._settings, settings, text, gesture_id))

    def settle(self) -> None:
        """End the gesture: the next edit is a new undo step."""
        self._gestures += 1

    def _set(self, changes: Mapping[str, Any]) -> None:
        self._settings = self._settings.changed(dict(changes))
        live = {path: value for path, value in changes.items() if path.partition(".")[0] in LIVE_TABLES}
        if live:
            self.reconfigured.emit(live)
        self.configured.emit(self._settings)
        self._changed()

    def insert(self, index: int, stage: Stage) -> str:
        """Insert a stage at `index`, or at the first open index after it. Returns its id."""
        if any(other.id == stage.id for other in self.stages):
            stage = stage.model_copy(update={"id": new_id()})
        index = max(index, self._history.first_open)
        stages = (*self.stages[:index], stage, *self.stages[index:])
        self._edit(stages, tr("Insert {title}", title=tr(stage.configured_task.title)))
        return stage.id

    def duplicate(self, id_: str) -> str:
        """Insert a copy of a stage after it. Returns the copy's id."""
        return self.insert(self.index(id_) + 1, self.stage(id_))

    def remove(self, id_: str) -> None:
        """Remove a stage. The running one ends at its current step and stays as history."""
        stage = self.stage(id_)
        text = tr("Remove {title}", title=tr(stage.configured_task.title))
        if self.is_running(id_):
            self._cut(stage, (), text)
            return
        self._must_be_open(id_)
        self._edit(tuple(other for other in self.stages if other.id != id_), text)

    def move(self, id_: str, index: int) -> None:
        """Move a stage to `index`, or to the first open index after it."""
        self._must_be_open(id_)
        stage = self.stage(id_)
        others = [other for other in self.stages if other.id != id_]
        others.insert(max(index, self._history.first_open), stage)
        self._edit(tuple(others), tr("Move {title}", title=tr(stage.configured_task.title)))

    def replace(self, id_: str, stage: Stage) -> str:
        """Replace a stage. Returns the id of the new one.

        A running stage can change its budget and its score limit; any other change ends it
        at its current step, and `stage` follows.
        """
        old, stage = self.stage(id_), stage.model_copy(update={"id": id_})
        text = tr("Change {title}", title=tr(old.configured_task.title))
        if self.is_running(id_) and not same_task(old, stage):
            follower = stage.model_copy(update={"id": new_id()})
            self._cut(old, (follower,), text)
            return follower.id
        self._put(stage, text)
        return id_

    def resize(self, id_: str, steps: int, *, gesture: str = "") -> None:
        """Change a stage's budget. Successive calls with the same `gesture` are one undo step."""
        old = self.stage(id_)
        stage = old.model_copy(update={"steps": max(steps, 1)})
        text = tr("Resize {title}", title=tr(old.configured_task.title))
        self._put(stage, text, f"{gesture} {id_}" if gesture else "")

    def rename(self, title: str) -> None:
        """Change the curriculum's title."""
        if title != self.title:
            after = replace(self._plan, title=title)
            self.undo_stack.push(PlanEdit(self._show, self._plan, after, tr("Rename to {title}", title=title)))

    def undo(self) -> None:
        """Undo the last edit, except for stages that have been run."""
        stack = self.undo_stack
        if stack.canUndo() and self._is_allowed(stack.command(stack.index() - 1)):
            stack.undo()
            self._drop_obsolete()

    def redo(self) -> None:
        """Redo the last undone edit, except for stages that have been run."""
        stack = self.undo_stack
        if stack.canRedo() and self._is_allowed(stack.command(stack.index())):
            stack.redo()
            self._drop_obsolete()

    def _is_allowed(self, command: QUndoCommand) -> bool:
        """Return whether an undo step changes no setting that the live run can't take; else emit `held`."""
        must_wait = self.is_live and isinstance(command, SettingEdit) and not command.tables <= set(LIVE_TABLES)
        if must_wait:
            text = tr("A run is going on. ‘{edit}’ can be undone or redone once it is over.", edit=command.text())
            self.held.emit(text)
        return not must_wait

    def follow(self, view: View) -> None:
        """Take the stages that a run has begun as history, and keep the rest of the plan."""
        clips = view.clips
        stages = begun_first(view, self.stages)
        moved, self._plan = stages != self.stages, replace(self._plan, stages=stages)
        running = clips[-1] if clips and clips[-1].end is None else None
        done = view.step - running.start if running else 0
        if not self.lock(len(clips) - bool(running), running.stage.id if running else None, done) and moved:
            self._changed()

    def lock(self, finished: int, running_id: str | None, running_done: int) -> bool:
        """Set the number of finished stages, and the running one with its steps. Returns whether another one began."""
        cut = self._history.cut
        if cut and running_id == cut:
            finished, running_id = finished + 1, None
        else:
            cut = ""
        history = EditHistory(min(finished, len(self.stages)), running_id or "", running_done if running_id else 0, cut)
        advanced = replace(history, done=0) != replace(self._history, done=0)
        self._history = history
        if advanced:
            self._drop_obsolete()
            self._changed()
        return advanced

    def _changed(self) -> None:
        self.colours.assign(stage.configured_task for stage in self.stages)
        self.changed.emit()

    def _must_be_open(self, id_: str) -> None:
        if not self.is_open(id_):
            title = self.stage(id_).configured_task.title
            text = f"stage {id_!r} ({title}) has been begun and is history; edit a copy of it instead"
            raise EditConflict(text, is_history=True)

    def _put(self, stage: Stage, text: str, gesture: str = "") -> None:
        if self.is_running(stage.id):
            stage = stage.model_copy(update={"steps": max(stage.steps, self._history.done)})
        else:
            self._must_be_open(stage.id)
        self._edit(tuple(stage if other.id == stage.id else other for other in self.stages), text, gesture)

    def _edit(self, stages: tuple[Stage, ...], text: str, gesture: str = "") -> None:
        if stages != self.stages:
            self.undo_stack.push(PlanEdit(self._show, self._plan, replace(self._plan, stages=stages), text, gesture))

    def _cut(self, stage: Stage, followers: tuple[Stage, ...], text: str) -> None:
        """End the running stage at its current step. Undo inserts its remaining steps as a new stage."""
        index = self._history.finished
        head, tail = self.stages[: index + 1], self.stages[index + 1 :]
        remaining = max(stage.steps - self._history.done, 1)
        rest = stage.model_copy(update={"id": new_id(), "steps": remaining})
        self._history = EditHistory(index + 1, cut=stage.id)
        self._cut_stage = stage.id
        for edit in self._edits():  # older steps get the rest of the stage, too, so that undoing them keeps it
            edit.before = with_follower(edit.before, stage.id, rest)
            edit.after = with_follower(edit.after, stage.id, rest)
        before = replace(self._plan, stages=(*head, rest, *tail))
        after = replace(self._plan, stages=(*head, *followers, *tail))
        self.undo_stack.push(PlanEdit(self._show, before, after, text))

    def _edits(self) -> list[PlanEdit]:
        commands = [self.undo_stack.command(index) for index in range(self.undo_stack.count())]
        return [command for command in commands if isinstance(command, PlanEdit)]

    def _show(self, plan: CurriculumPlan) -> None:
        before, self._plan = self._plan.stages, rebased(plan, self._plan, self._history)
        if self._plan.stages != before or self._cut_stage:
            cut, self._cut_stage = self._cut_stage, ""
            self.edited.emit(tuple(stage for stage in self.stages if stage.id != cut))
        self._changed()

    def _drop_obsolete(self) -> None:
        """Drop the next undo and redo steps that change only history, or were refused."""
        stack = self.undo_stack
        while stack.canUndo() and self._is_obsolete(stack.command(stack.index() - 1)):
            stack.undo()
        while stack.canRedo() and self._is_obsolete(stack.command(stack.index())):
            stack.redo()

    def _is_obsolete(self, command: QUndoCommand) -> bool:
        now, history = self._plan, self._history
        if isinstance(command, PlanEdit) and (
            rebased(command.before, now, history) == rebased(command.after, now, history)
        ):
            command.setObsolete(True)
        return command.isObsolete()
