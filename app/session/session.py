"""The controller of the window: planned curriculum, current run, displayed run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from agents.commands import Command, Configure, EditCurriculum, EvaluateNow, Pause, Resume, SingleStep, Stop
from agents.config import RunConfig
from agents.errors import one_line
from agents.events import Event
from agents.store.metadata import Parent, parent_of, read_meta
from agents.story import Story
from agents.story.live_config import live_config
from app.runs.live_run import LiveRun, RunStart
from app.runs.preparation import Prepare, started
from app.runs.run_library import RunLibrary, StoredRun
from app.session.interface import State
from app.session.notice import Cause, Notice
from app.session.redraw_timer import INPUT_INTERVAL, RUN_INTERVAL, RedrawTimer
from app.session.request_handlers import request_handlers
from app.session.run_events import handle_event, notify_resumed
from app.session.start_checks import start_problem
from app.viewer.watching import Watching
from envs.curriculum import Stage
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.curriculum.plan import planned
from widgets.forms.setting_titles import gesture, setting_title
from widgets.scene import Scene
from widgets.style.translation import tr

LIVE = ("preparing", "running", "paused")
log = logging.getLogger("palimpsest")


class Session(QObject):
    """Executes the user's requests, and turns the events of a run into one `Scene`.

    Signals:
        state_changed: str: idle, preparing, running, paused or stored.
        scene_changed: a `Scene`, at most ten times a second, only if something is new.
        config_changed: the next run's `RunConfig`.
        noticed: a `Notice`.
        runs_changed: runs were stored or deleted.
        leaving: the curriculum of a run is about to replace the edited one.
        broken: Path, the folder of a run that an error has just ended.
    """

    state_changed = Signal(str)
    scene_changed = Signal(object)
    config_changed = Signal(object)
    noticed = Signal(object)
    runs_changed = Signal()
    leaving = Signal()
    broken = Signal(object)

    def __init__(
        self, runs: Path, parent: QObject | None = None, *, dark: bool = False, prepare: Prepare = started
    ) -> None:
        super().__init__(parent)
        self.curriculum = CurriculumModel(self)
        self.run_library = RunLibrary(runs, self)
        self.watching = Watching(self, dark=dark)
        self.state: State = "idle"
        self.story: Story | None = None
        self.name = ""
        self.folder: Path | None = None
        """Folder of the displayed run."""
        self.parent_run: Parent | None = None
        self._playhead: int | None = None
        self.live_run = LiveRun(self)
        self._next: RunStart | None = None
        self.sent_commands: dict[str, Command] = {}
        """The commands that this window sent, by id; a resumed run also reports earlier ones."""
        self._prepare = prepare
        self._handlers = request_handlers(self)
        self.redraw_timer = RedrawTimer(self)
        self.redraw_timer.redraw_requested.connect(self._draw)
        self._connect_signals()

    def _connect_signals(self) -> None:
        self.live_run.story_restored.connect(self._restore_story)
        self.live_run.events_received.connect(self._on_events)
        self.live_run.failed.connect(self._on_failed)
        self.live_run.ended.connect(self._on_run_ended)
        self.live_run.background_run_finished.connect(self.runs_changed)
        self.curriculum.edited.connect(self._edit)
        self.curriculum.reconfigured.connect(self._reconfigure)
        self.curriculum.configured.connect(self.config_changed)
        self.curriculum.changed.connect(self._replan)
        self.run_library.loaded.connect(self._show_stored)
        self.run_library.overlaid.connect(self.touch)
        for failure in (self.run_library.failed, self.watching.failed, self.watching.warned, self.live_run.abandoned):
            failure.connect(self._notify_problem)
        self.curriculum.held.connect(self._on_edit_refused)

    @property
    def config(self) -> RunConfig:
        """The settings of the next run, without its stages."""
        return self.curriculum.settings

    @property
    def is_live(self) -> bool:
        """Whether a run is active or being prepared."""
        return self.state in LIVE

    @property
    def is_done(self) -> bool:
        """Whether the displayed run is finished."""
        return bool(self.story and self.story.finished and self.story.finished.reason == "done")

    @property
    def scene(self) -> Scene:
        """The content of the panels: displayed run, overlays, playhead and colours."""
        overlays = self.run_library.overlays_on(self.folder, (self.name, self.story) if self.story else None)
        stories = [story for story in (self.story, *(overlaid for _, overlaid in overlays)) if story is not None]
        return Scene(
            story=self.story,
            name=self.name,
            folder=self.folder,
            parent=(self.parent_run.name, self.parent_run.step) if self.parent_run else None,
            overlays=overlays,
            playhead=self._playhead,
            state=self.state,
            colours=self.curriculum.colours.assign(task for story in stories for task in story.tasks),
        )

    def execute(self, request: object) -> None:
        """Execute a panel's request: send a command to the run, or call the request's handler."""
        if isinstance(request, Command):
            self.put(request)
        elif type(request) in self._handlers:
            self._handlers[type(request)](request)

    def put(self, command: Command) -> None:
        """Send a command to the active run."""
        self.sent_commands[command.id] = command
        if not self.live_run.put(command):
            self.notice(tr("No run is active. Press play first."), cause="run")

    def play_or_pause(self) -> None:
        """Start, pause or resume the run, depending on the state."""
        if self.state == "running":
            self.put(Pause())
        elif self.state == "paused":
            self.put(Resume())
        elif self.state != "preparing":
            self.start()

    def start(self, first_commands: tuple[Command, ...] = (), prepare: Prepare | None = None) -> None:
        """Start a new run of the curriculum with these first commands; `prepare` creates it."""
        if self.is_live or self.live_run.is_active:
            return
        if problem := start_problem(self.plan()):
            self.notice(problem, is_problem=True, cause="plan")
            return
        self._clear_displayed()
        self.name = self.curriculum.title
        create = partial(prepare or self._prepare, self.plan(), self.run_library.root)
        self.begin_run(RunStart(create, first_commands, self.config.model))

    def begin_run(self, start: RunStart) -> None:
        """Start a run, after stopping the active one."""
        if self.live_run.is_active:
            self._next = start
            self.stop()
        else:
            self.set_state("preparing")
            self.live_run.begin(start)

    def single_step(self) -> None:
        """Take one step in every world, then pause; start a run if none is active."""
        if self.is_live:
            self.put(SingleStep())
        else:
            self.start((Pause(), SingleStep()))

    def stop(self) -> None:
        """Stop the run after a checkpoint."""
        if self.is_live:
            self.put(Stop())

    def reset(self) -> None:
        """Show an untrained agent before the first task; stop the active run in the background."""
        self._next = None
        self.live_run.stop_in_background()
        self._clear_displayed()
        self.run_library.overlay(())
        self.set_state("idle")
        self.watching.restart(self.curriculum.stages)

    def evaluate(self) -> None:
        """Evaluate the agent on every task now."""
        self.put(EvaluateNow())

    def plan(self) -> RunConfig:
        """Return the config of the next run: the settings and the curriculum."""
        name, stages = self.curriculum.title or self.config.name, self.curriculum.stages
        return self.config.model_copy(update={"name": name, "stages": stages})

    def load(self, config: RunConfig, *, saved: bool = True) -> None:
        """Replace the curriculum and its settings, the displayed run and its overlays."""
        self._clear_displayed()
        self.run_library.clear()
        self.watching.clear()
        self.curriculum.load(config.stages, config.name, config, saved=saved, is_another=True)
        self.set_state("idle")
        self.watching.restart(config.stages)

    def reconfigure(self, config: RunConfig, changes: dict[str, Any]) -> None:
        """Change settings, with undo: at once where the active run allows it, otherwise for the next run."""
        self.curriculum.configure(config, setting_title(config, changes), gesture=gesture(changes))

    def move_playhead(self, step: int | None) -> None:
        """Show the displayed run as it was at `step`; None follows its newest step."""
        self._playhead = step
        if self.story is not None and self.folder is not None:
            self.watching.show_step(self.folder, self.story.until(step))
        self.touch()

    def open_run(self, folder: Path) -> None:
        """Display a stored run."""
        if self.is_live:
            self.notice(tr("A run is active. Stop it before you open another, or lay the other one over it."))
        else:
            self.run_library.load(folder)

    def notice(self, text: str, *, is_problem: bool = False, detail: str = "", cause: Cause = "") -> None:
        """Show a notice of one line, and write it to the log."""
        text = one_line(text)
        log.log(logging.WARNING if is_problem else logging.INFO, "%s%s", text, f"\n{detail}" if detail else "")
        self.noticed.emit(Notice(text, is_problem, cause))

    def close(self) -> bool:
        """Stop the run and every thread, and wait for them; return whether all of them ended.

        A thread in which a world hangs is abandoned after a few seconds: it can't be ended from outside.
        """
        self._next = None
        ended = self.live_run.close(), self.watching.close()
        self.run_library.close()
        return all(ended)

    def touch(self, every: float = INPUT_INTERVAL) -> None:
        """Request a redraw, because the scene has changed, but not before `every` seconds after the last one."""
        self.redraw_timer.request(every)

    def _draw(self) -> None:
        if self.is_live and self.story is not None:
            self.curriculum.follow(self.story.until())
        self.scene_changed.emit(self.scene)

    def set_state(self, state: State) -> None:
        """Set the state, and emit `state_changed` if it is new."""
        if state != self.state:
            self.state = state
            self.curriculum.is_live = self.is_live
            self.state_changed.emit(state)
        self.touch()

    def _clear_displayed(self) -> None:
        self.story, self.folder, self.name = None, None, ""
        self._playhead, self.parent_run = None, None
        self.curriculum.lock(0, None, 0)

    def _on_events(self, events: tuple[Event, ...]) -> None:
        story = self.story = self.story or Story()
        for event in events:
            story.fold(event)
            handle_event(self, event)
        if self.live_run.is_active and (self._playhead is None or self.watching.is_comparing):
            self.watching.follow(story, self.live_run.snapshot(), self.folder)
        self.touch(RUN_INTERVAL)

    def on_run_ready(self) -> None:
        """Display the run that has just become ready, and set the state to running."""
        if self.live_run.is_active:
            self.folder, self.name = self.live_run.folder, self.live_run.name
        if self.story is not None and self.folder is not None:
            self.story.run = self.folder.name
        self.set_state("running")
        self.runs_changed.emit()

    def show_plan(self) -> None:
        """Show the curriculum that the run follows."""
        if self.story is not None:
            self.curriculum.load(planned(self.story.until()), self.curriculum.title, saved=False)
            self.curriculum.follow(self.story.until())

    def _edit(self, stages: tuple[Stage, ...]) -> None:
        if self.is_live:
            self.put(EditCurriculum(stages=stages))

    def _reconfigure(self, changes: Mapping[str, Any]) -> None:
        if self.is_live:
            self.put(Configure(changes=dict(changes)))

    def _replan(self) -> None:
        if self.story is None:
            self.watching.restart(self.curriculum.stages)
        self.touch()

    def _on_run_ended(self) -> None:
        self.sent_commands.clear()
        self.curriculum.lock(0, None, 0)  # the run is stored, so all stages can be edited again
        self.set_state("idle" if self.story is None else "stored")
        self.runs_changed.emit()
        next_run, self._next = self._next, None
        if next_run is not None:
            self.begin_run(next_run)

    def _show_stored(self, stored: StoredRun) -> None:
        self._display(stored)
        self.set_state("stored")
        self.watching.restart(self.curriculum.stages)
        self.move_playhead(None)

    def _restore_story(self, story: Story) -> None:
        """Display the story so far of a resumed or forked run, with its parent as an overlay."""
        assert self.live_run.folder is not None, "a run with a story has a folder"
        self._display(StoredRun(self.live_run.folder, self.live_run.name, story))
        self.on_run_ready()
        if self.parent_run is not None:
            self.run_library.add_overlay(self.run_library.root / self.parent_run.run)
        for resumed in story.resumed[-1:]:
            notify_resumed(self, resumed)

    def _display(self, stored: StoredRun) -> None:
        self.leaving.emit()
        self._clear_displayed()
        self.story, self.name, self.folder = stored.story, stored.name, stored.folder
        self.parent_run = parent_of(stored.folder, read_meta(stored.folder))
        stages, name = planned(stored.story.until()), stored.story.config.name
        self.curriculum.load(stages, name, live_config(stored.story))

    def _on_failed(self, error: BaseException) -> None:
        self.notice(str(error) or type(error).__name__, is_problem=True)
        if self.live_run.folder is not None:
            self.broken.emit(self.live_run.folder)

    def _notify_problem(self, reason: object) -> None:
        self.notice(str(reason), is_problem=True)

    def _on_edit_refused(self, reason: str) -> None:
        self.notice(reason, is_problem=True, cause="run")
