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
from app.session.redraw_timer import DRAW_EVERY, TELL_EVERY, RedrawTimer
from app.session.request_handlers import request_handlers
from app.session.run_events import handle_events, say_resumed
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
    """Turns what people ask for into actions, and what a run tells into one `Scene`.

    Signals:
        state_changed: str: idle, preparing, running, paused or stored.
        scene_changed: a `Scene`, at most ten times a second, only if something is new.
        config_changed: the next run's `RunConfig`.
        noticed: a `Notice`.
        runs_changed: runs were stored or thrown away.
        leaving: the curriculum of a run is about to take the place of the one in front.
        broken: Path, where the run is stored that an error has just ended.
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
        """Where the run in front is stored."""
        self.parent_run: Parent | None = None
        self._playhead: int | None = None
        self.live_run = LiveRun(self)
        self._next: RunStart | None = None
        self.asked: dict[str, Command] = {}
        """The commands that were given here, by id; a run that goes on tells of others, too."""
        self._prepare = prepare
        self._answers = request_handlers(self)
        self.pacing = RedrawTimer(self)
        self.pacing.due.connect(self._draw)
        self._listen()

    def _listen(self) -> None:
        self.live_run.recalled.connect(self._recall)
        self.live_run.happened.connect(self._tell)
        self.live_run.failed.connect(self._break)
        self.live_run.over.connect(self._conclude)
        self.live_run.background_run_finished.connect(self.runs_changed)
        self.curriculum.edited.connect(self._edit)
        self.curriculum.reconfigured.connect(self._reconfigure)
        self.curriculum.configured.connect(self.config_changed)
        self.curriculum.changed.connect(self._replan)
        self.run_library.loaded.connect(self._show_stored)
        self.run_library.overlaid.connect(self.touch)
        for told in (self.run_library.failed, self.watching.failed, self.watching.warned, self.live_run.left):
            told.connect(self._complain)
        self.curriculum.held.connect(self._hold)

    @property
    def config(self) -> RunConfig:
        """The settings of the next run, without its stages."""
        return self.curriculum.settings

    @property
    def is_live(self) -> bool:
        """Whether a run is going on, or about to."""
        return self.state in LIVE

    @property
    def is_done(self) -> bool:
        """Whether the run in front came to its end."""
        return bool(self.story and self.story.finished and self.story.finished.reason == "done")

    @property
    def scene(self) -> Scene:
        """What the panels are to show now."""
        overlays = self.run_library.over(self.folder, (self.name, self.story) if self.story else None)
        shown = [story for story in (self.story, *(other for _, other in overlays)) if story is not None]
        return Scene(
            story=self.story,
            name=self.name,
            folder=self.folder,
            parent=(self.parent_run.name, self.parent_run.step) if self.parent_run else None,
            overlays=overlays,
            playhead=self._playhead,
            state=self.state,
            colours=self.curriculum.colours.assign(task for story in shown for task in story.tasks),
        )

    def obey(self, request: object) -> None:
        """Do what a panel asks for: a command goes to the run, a request is answered here."""
        if isinstance(request, Command):
            self.put(request)
        elif type(request) in self._answers:
            self._answers[type(request)](request)

    def put(self, command: Command) -> None:
        """Ask something of the run that is going on."""
        self.asked[command.id] = command
        if not self.live_run.put(command):
            self.notice(tr("No run is going on. Press play first."), cause="run")

    def play_or_pause(self) -> None:
        """Start, pause or go on, whichever comes next."""
        if self.state == "running":
            self.put(Pause())
        elif self.state == "paused":
            self.put(Resume())
        elif self.state != "preparing":
            self.start()

    def start(self, first: tuple[Command, ...] = (), prepare: Prepare | None = None) -> None:
        """Begin a new run of the curriculum, obeying `first` before anything else; `prepare` makes it."""
        if self.is_live or self.live_run.is_on:
            return
        if problem := start_problem(self.plan()):
            self.notice(problem, is_problem=True, cause="plan")
            return
        self._forget()
        self.name = self.curriculum.title
        made = partial(prepare or self._prepare, self.plan(), self.run_library.root)
        self.begin_run(RunStart(made, first, self.config.model))

    def begin_run(self, start: RunStart) -> None:
        """Live this run. One that goes on is ended first, in good order."""
        if self.live_run.is_on:
            self._next = start
            self.stop()
        else:
            self.become("preparing")
            self.live_run.begin(start)

    def single_step(self) -> None:
        """Take one step in every world, then hold still; begins a run if none is going on."""
        if self.is_live:
            self.put(SingleStep())
        else:
            self.start((Pause(), SingleStep()))

    def stop(self) -> None:
        """End the run in good order."""
        if self.is_live:
            self.put(Stop())

    def reset(self) -> None:
        """Go back to the start: an untrained agent before the first task. A run that goes on is left to end."""
        self._next = None
        self.live_run.leave()
        self._forget()
        self.run_library.overlay(())
        self.become("idle")
        self.watching.restart(self.curriculum.stages)

    def evaluate(self) -> None:
        """Score the agent on every task now."""
        self.put(EvaluateNow())

    def plan(self) -> RunConfig:
        """Return the next run: the settings with the curriculum in them."""
        name, stages = self.curriculum.title or self.config.name, self.curriculum.stages
        return self.config.model_copy(update={"name": name, "stages": stages})

    def load(self, config: RunConfig, *, saved: bool = True) -> None:
        """Take over a curriculum with its settings; what was in front goes, and what was laid over it."""
        self._forget()
        self.run_library.clear()
        self.watching.clear()
        self.curriculum.load(config.stages, config.name, config, saved=saved, is_another=True)
        self.become("idle")
        self.watching.restart(config.stages)

    def reconfigure(self, config: RunConfig, changes: dict[str, Any]) -> None:
        """Use other settings: from now on where the run allows it, otherwise from the next run on; with undo."""
        self.curriculum.configure(config, setting_title(config, changes), gesture=gesture(changes))

    def look_at(self, step: int | None) -> None:
        """Show another moment of the run in front; None follows it."""
        self._playhead = step
        if self.story is not None and self.folder is not None:
            self.watching.travel(self.folder, self.story.until(step))
        self.touch()

    def open_run(self, folder: Path) -> None:
        """Bring a stored run to the front."""
        if self.is_live:
            self.notice(tr("A run is going on. Stop it before you open another, or lay the other one over it."))
        else:
            self.run_library.load(folder)

    def notice(self, text: str, *, is_problem: bool = False, detail: str = "", cause: Cause = "") -> None:
        """Tell the person something in one line, and the log."""
        text = one_line(text)
        log.log(logging.WARNING if is_problem else logging.INFO, "%s%s", text, f"\n{detail}" if detail else "")
        self.noticed.emit(Notice(text, is_problem, cause))

    def close(self) -> bool:
        """End the run and every thread, and wait for that; return whether all of them ended.

        One in which a world hangs is left behind after a few seconds: it can't be ended from outside.
        """
        self._next = None
        ended = self.live_run.close(), self.watching.close()
        self.run_library.close()
        return all(ended)

    def touch(self, every: float = DRAW_EVERY) -> None:
        """Say that the scene is new: it is drawn soon, but not before `every` seconds after the last time."""
        self.pacing.ask(every)

    def _draw(self) -> None:
        if self.is_live and self.story is not None:
            self.curriculum.follow(self.story.until())
        self.scene_changed.emit(self.scene)

    def become(self, state: State) -> None:
        """Be idle, preparing, running, paused or stored."""
        if state != self.state:
            self.state = state
            self.curriculum.is_live = self.is_live
            self.state_changed.emit(state)
        self.touch()

    def _forget(self) -> None:
        self.story, self.folder, self.name = None, None, ""
        self._playhead, self.parent_run = None, None
        self.curriculum.lock(0, None, 0)

    def _tell(self, events: tuple[Event, ...]) -> None:
        story = self.story = self.story or Story()
        for event in events:
            story.fold(event)
            handle_events(self, event)
        if self.live_run.is_on and (self._playhead is None or self.watching.compares):
            self.watching.follow(story, self.live_run.snapshot(), self.folder)
        self.touch(TELL_EVERY)

    def begun(self) -> None:
        """Know that the run is ready and being lived."""
        if self.live_run.is_on:
            self.folder, self.name = self.live_run.folder, self.live_run.name
        if self.story is not None and self.folder is not None:
            self.story.run = self.folder.name
        self.become("running")
        self.runs_changed.emit()

    def show_plan(self) -> None:
        """Show the plan that the run follows."""
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

    def _conclude(self) -> None:
        self.asked.clear()
        self.curriculum.lock(0, None, 0)  # what was lived is stored; from here on it is a plan again
        self.become("idle" if self.story is None else "stored")
        self.runs_changed.emit()
        following, self._next = self._next, None
        if following is not None:
            self.begin_run(following)

    def _show_stored(self, stored: StoredRun) -> None:
        self._bring(stored)
        self.become("stored")
        self.watching.restart(self.curriculum.stages)
        self.look_at(None)

    def _recall(self, story: Story) -> None:
        """Show a run that goes on as far as it had come, with the one that it left laid over it."""
        assert self.live_run.folder is not None, "what goes on is stored"
        self._bring(StoredRun(self.live_run.folder, self.live_run.name, story))
        self.begun()
        if self.parent_run is not None:
            self.run_library.lay_also(self.run_library.root / self.parent_run.run)
        for resumed in story.resumed[-1:]:
            say_resumed(self, resumed)

    def _bring(self, stored: StoredRun) -> None:
        self.leaving.emit()
        self._forget()
        self.story, self.name, self.folder = stored.story, stored.name, stored.folder
        self.parent_run = parent_of(stored.folder, read_meta(stored.folder))
        stages, name = planned(stored.story.until()), stored.story.config.name
        self.curriculum.load(stages, name, live_config(stored.story))

    def _break(self, error: BaseException) -> None:
        self.notice(str(error) or type(error).__name__, is_problem=True)
        if self.live_run.folder is not None:
            self.broken.emit(self.live_run.folder)

    def _complain(self, reason: object) -> None:
        self.notice(str(reason), is_problem=True)

    def _hold(self, reason: str) -> None:
        self.notice(reason, is_problem=True, cause="run")
