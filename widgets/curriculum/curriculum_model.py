"""The curriculum as it is planned: the truth that the bin, the timeline and the forms show and edit."""

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
from widgets.curriculum.plan import CurriculumPlan, EditHistory, begun_first, followed, rebased, same_task
from widgets.curriculum.plan_edit import PlanEdit
from widgets.curriculum.setting_edit import SettingEdit
from widgets.style.task_colours import TaskColours
from widgets.style.translation import tr


class CurriculumModel(QObject):
    """What is to be learned, in order, with undo; and how much of it is already history.

    Signals:
        changed: title, stages or what is history changed: draw again.
        edited: a person changed the stages (undo and redo, too). Carries the stages as
            `agents.commands.EditCurriculum` wants them: a running stage that was cut is missing.
        configured: RunConfig: these are the settings now.
        reconfigured: dict: a person changed settings (undo and redo, too) that a run takes while it goes on: dotted
            paths and values.
        held: str: why an undo or a redo has to wait.
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
        self._leaving = ""
        self._settings = self._saved_settings = RunConfig()
        self._hands = 0
        self.is_live = False
        """Whether a run goes on, which takes settings of `LIVE_TABLES` only."""

    @property
    def title(self) -> str:
        """What people call the curriculum."""
        return self._plan.title

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage, history first."""
        return self._plan.stages

    @property
    def history(self) -> EditHistory:
        """What has been run."""
        return self._history

    @property
    def settings(self) -> RunConfig:
        """How it is learned: the settings of the next run. Their title and stages mean nothing."""
        return self._settings

    @property
    def is_dirty(self) -> bool:
        """Whether there are edits that no file holds."""
        return self._plan != self._saved or bool(changes_between(self._saved_settings, self._settings))

    def index(self, id_: str) -> int:
        """Return the place of a stage. Raises ValueError if there is none of that id."""
        for place, stage in enumerate(self.stages):
            if stage.id == id_:
                return place
        raise EditConflict(f"there is no stage {id_!r}; there are: {', '.join(stage.id for stage in self.stages)}")

    def stage(self, id_: str) -> Stage:
        """Return a stage by its id."""
        return self.stages[self.index(id_)]

    def is_open(self, id_: str) -> bool:
        """Whether the stage can be moved and edited freely: it has not been begun."""
        return self.index(id_) >= self._history.first_open

    def is_running(self, id_: str) -> bool:
        """Whether the stage is being learned: it can be resized, gated, swapped and cut."""
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
        """Show another curriculum, with other settings if there are; forget the undo history and what has been run.

        Tasks keep their colours, unless it is another document than the one before.
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
        """Note that a file holds this plan and these settings."""
        self._saved, self._saved_settings = self._plan, self._settings
        self._changed()

    def take(self, settings: RunConfig) -> None:
        """Show settings that somebody else chose: no edit, and nothing to be saved that was not to be saved before."""
        was_saved = not changes_between(self._saved_settings, self._settings)
        self._settings = settings.model_copy(update={"stages": ()})
        if was_saved:
            self._saved_settings = self._settings
        self.configured.emit(self._settings)

    def refuse(self, changes: Mapping[str, Any], settings: RunConfig) -> None:
        """Show the settings that hold although a person made `changes`, which are no step of undo any more."""
        stack = self.undo_stack
        edits = [stack.command(place) for place in reversed(range(stack.count()))]
        asked = (edit for edit in edits if isinstance(edit, SettingEdit) and edit.made(changes))
        if (edit := next(asked, None)) is not None:
            edit.correct(changes, settings)
        self.take(settings)
        self._drop_overtaken()
        self._changed()

    def configure(self, settings: RunConfig, text: str, *, gesture: str = "") -> None:
        """Use other settings. Calls in a row with the same `gesture` are one step of undo, until `settle` is called."""
        if changes_between(self._settings, settings):
            hand = f"{gesture} {self._hands}" if gesture else ""
            self.undo_stack.push(SettingEdit(self._set, self._settings, settings, text, hand))

    def settle(self) -> None:
        """Let the next edit be a step of undo of its own."""
        self._hands += 1

    def _set(self, changes: Mapping[str, Any]) -> None:
        self._settings = self._settings.changed(dict(changes))
        live = {path: value for path, value in changes.items() if path.partition(".")[0] in LIVE_TABLES}
        if live:
            self.reconfigured.emit(live)
        self.configured.emit(self._settings)
        self._changed()

    def insert(self, index: int, stage: Stage) -> str:
        """Put a stage at `index`, or at the first open place after it. Returns its id."""
        if any(other.id == stage.id for other in self.stages):
            stage = stage.model_copy(update={"id": new_id()})
        place = max(index, self._history.first_open)
        stages = (*self.stages[:place], stage, *self.stages[place:])
        self._edit(stages, tr("Insert {title}", title=tr(stage.configured_task.title)))
        return stage.id

    def duplicate(self, id_: str) -> str:
        """Put a copy of a stage after it. Returns the copy's id."""
        return self.insert(self.index(id_) + 1, self.stage(id_))

    def remove(self, id_: str) -> None:
        """Take a stage out. The running one ends where it is and stays as history."""
        stage = self.stage(id_)
        text = tr("Remove {title}", title=tr(stage.configured_task.title))
        if self.is_running(id_):
            self._cut(stage, (), text)
            return
        self._must_be_open(id_)
        self._edit(tuple(other for other in self.stages if other.id != id_), text)

    def move(self, id_: str, index: int) -> None:
        """Bring a stage to `index`, or to the first open place after it."""
        self._must_be_open(id_)
        stage = self.stage(id_)
        others = [other for other in self.stages if other.id != id_]
        others.insert(max(index, self._history.first_open), stage)
        self._edit(tuple(others), tr("Move {title}", title=tr(stage.configured_task.title)))

    def replace(self, id_: str, stage: Stage) -> str:
        """Put `stage` in another's place. Returns the id that it has there.

        A running stage can change its budget and its gate; with anything else it ends
        where it is, stays as history, and `stage` follows.
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
        """Change a budget. Calls in a row with the same `gesture` are one step of undo."""
        old = self.stage(id_)
        stage = old.model_copy(update={"steps": max(steps, 1)})
        text = tr("Resize {title}", title=tr(old.configured_task.title))
        self._put(stage, text, f"{gesture} {id_}" if gesture else "")

    def rename(self, title: str) -> None:
        """Call the curriculum something else."""
        if title != self.title:
            after = replace(self._plan, title=title)
            self.undo_stack.push(PlanEdit(self._show, self._plan, after, tr("Rename to {title}", title=title)))

    def undo(self) -> None:
        """Take back the last edit, as far as it has not been run."""
        stack = self.undo_stack
        if stack.canUndo() and self._may_step(stack.command(stack.index() - 1)):
            stack.undo()
            self._drop_overtaken()

    def redo(self) -> None:
        """Do the edit again that was taken back."""
        stack = self.undo_stack
        if stack.canRedo() and self._may_step(stack.command(stack.index())):
            stack.redo()
            self._drop_overtaken()

    def _may_step(self, command: QUndoCommand) -> bool:
        """Whether a step leaves alone what the run that goes on was begun with."""
        waits = self.is_live and isinstance(command, SettingEdit) and not command.tables <= set(LIVE_TABLES)
        if waits:
            said = tr("A run is going on. ‘{edit}’ can be undone or redone once it is over.", edit=command.text())
            self.held.emit(said)
        return not waits

    def follow(self, view: View) -> None:
        """Take what a run has begun as history, its stages included, and keep the rest of the plan."""
        clips = view.clips
        stages = begun_first(view, self.stages)
        moved, self._plan = stages != self.stages, replace(self._plan, stages=stages)
        running = clips[-1] if clips and clips[-1].end is None else None
        done = view.step - running.start if running else 0
        if not self.lock(len(clips) - bool(running), running.stage.id if running else None, done) and moved:
            self._changed()

    def lock(self, finished: int, running_id: str | None, running_done: int) -> bool:
        """Tell how many stages are over, and how far the next one is. Returns whether that is new."""
        cut = self._history.cut
        if cut and running_id == cut:
            finished, running_id = finished + 1, None
        else:
            cut = ""
        history = EditHistory(min(finished, len(self.stages)), running_id or "", running_done if running_id else 0, cut)
        advanced = replace(history, done=0) != replace(self._history, done=0)
        self._history = history
        if advanced:
            self._drop_overtaken()
            self._changed()
        return advanced

    def _changed(self) -> None:
        self.colours.assign(stage.configured_task for stage in self.stages)
        self.changed.emit()

    def _must_be_open(self, id_: str) -> None:
        if not self.is_open(id_):
            title = self.stage(id_).configured_task.title
            said = f"stage {id_!r} ({title}) has been begun and is history; edit a copy of it instead"
            raise EditConflict(said, is_history=True)

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
        """End the running stage here. Undo can't make it run on, but lets its rest follow as a new stage."""
        place = self._history.finished
        head, tail = self.stages[: place + 1], self.stages[place + 1 :]
        left = max(stage.steps - self._history.done, 1)
        rest = stage.model_copy(update={"id": new_id(), "steps": left})
        self._history = EditHistory(place + 1, cut=stage.id)
        self._leaving = stage.id
        for edit in self._edits():  # whatever is undone before the cut, the rest stays
            edit.before = followed(edit.before, stage.id, rest)
            edit.after = followed(edit.after, stage.id, rest)
        before = replace(self._plan, stages=(*head, rest, *tail))
        after = replace(self._plan, stages=(*head, *followers, *tail))
        self.undo_stack.push(PlanEdit(self._show, before, after, text))

    def _edits(self) -> list[PlanEdit]:
        commands = [self.undo_stack.command(place) for place in range(self.undo_stack.count())]
        return [command for command in commands if isinstance(command, PlanEdit)]

    def _show(self, plan: CurriculumPlan) -> None:
        before, self._plan = self._plan.stages, rebased(plan, self._plan, self._history)
        if self._plan.stages != before or self._leaving:
            leaving, self._leaving = self._leaving, ""
            self.edited.emit(tuple(stage for stage in self.stages if stage.id != leaving))
        self._changed()

    def _drop_overtaken(self) -> None:
        """Forget the edits next to undo and redo that concern nothing but history, or were refused."""
        stack = self.undo_stack
        while stack.canUndo() and self._is_overtaken(stack.command(stack.index() - 1)):
            stack.undo()
        while stack.canRedo() and self._is_overtaken(stack.command(stack.index())):
            stack.redo()

    def _is_overtaken(self, command: QUndoCommand) -> bool:
        now, history = self._plan, self._history
        if isinstance(command, PlanEdit) and (
            rebased(command.before, now, history) == rebased(command.after, now, history)
        ):
            command.setObsolete(True)
        return command.isObsolete()
