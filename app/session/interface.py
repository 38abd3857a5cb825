"""The protocol through which the session's parts call it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Protocol

from PySide6.QtCore import SignalInstance

from agents.commands import Command
from agents.config import RunConfig
from agents.store.metadata import Parent
from agents.story import Story
from app.runs.live_run import LiveRun, RunStart
from app.runs.run_library import RunLibrary
from app.session.notice import Cause
from app.viewer.watching import Watching
from widgets.curriculum.curriculum_model import CurriculumModel

State = Literal["idle", "preparing", "running", "paused", "stored"]


class SessionInterface(Protocol):
    """`app.session.session.Session`, as its parts see it."""

    curriculum: CurriculumModel
    run_library: RunLibrary
    watching: Watching
    state: State
    story: Story | None
    folder: Path | None
    """Where the run in front is stored."""
    parent_run: Parent | None
    live_run: LiveRun
    asked: dict[str, Command]
    """The commands that were given here, by id; a run that goes on tells of others, too."""

    @property
    def runs_changed(self) -> SignalInstance:
        """Runs were stored or thrown away."""

    @property
    def broken(self) -> SignalInstance:
        """Path, where the run is stored that an error has just ended."""

    @property
    def config(self) -> RunConfig:
        """The settings of the next run, without its stages."""

    @property
    def is_live(self) -> bool:
        """Whether a run is going on, or about to."""

    @property
    def is_done(self) -> bool:
        """Whether the run in front came to its end."""

    def put(self, command: Command) -> None:
        """Ask something of the run that is going on."""

    def begin_run(self, start: RunStart) -> None:
        """Live this run. One that goes on is ended first, in good order."""

    def reset(self) -> None:
        """Go back to the start: an untrained agent before the first task. A run that goes on is left to end."""

    def reconfigure(self, config: RunConfig, changes: dict[str, Any]) -> None:
        """Use other settings: from now on where the run allows it, otherwise from the next run on; with undo."""

    def look_at(self, step: int | None) -> None:
        """Show another moment of the run in front; None follows it."""

    def open_run(self, folder: Path) -> None:
        """Bring a stored run to the front."""

    def notice(self, text: str, *, is_problem: bool = False, detail: str = "", cause: Cause = "") -> None:
        """Tell the person something in one line, and the log."""

    def become(self, state: State) -> None:
        """Be idle, preparing, running, paused or stored."""

    def begun(self) -> None:
        """Know that the run is ready and being lived."""

    def show_plan(self) -> None:
        """Show the plan that the run follows."""
