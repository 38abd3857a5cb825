"""The protocol through which other modules of this package call the session."""

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
    """The part of `app.session.session.Session` that other modules of this package use."""

    curriculum: CurriculumModel
    run_library: RunLibrary
    watching: Watching
    state: State
    story: Story | None
    folder: Path | None
    """Folder of the displayed run."""
    parent_run: Parent | None
    live_run: LiveRun
    sent_commands: dict[str, Command]
    """The commands that this window sent, by id; a resumed run also reports earlier ones."""

    @property
    def runs_changed(self) -> SignalInstance:
        """Runs were stored or deleted."""

    @property
    def broken(self) -> SignalInstance:
        """Path, the folder of a run that an error has just ended."""

    @property
    def config(self) -> RunConfig:
        """The settings of the next run, without its stages."""

    @property
    def is_live(self) -> bool:
        """Whether a run is active or being prepared."""

    @property
    def is_done(self) -> bool:
        """Whether the displayed run is finished."""

    def put(self, command: Command) -> None:
        """Send a command to the active run."""

    def begin_run(self, start: RunStart) -> None:
        """Start a run, after stopping the active one."""

    def reset(self) -> None:
        """Show an untrained agent before the first task; stop the active run in the background."""

    def reconfigure(self, config: RunConfig, changes: dict[str, Any]) -> None:
        """Change settings, with undo: at once where the active run allows it, otherwise for the next run."""

    def move_playhead(self, step: int | None) -> None:
        """Show the displayed run as it was at `step`; None follows its newest step."""

    def open_run(self, folder: Path) -> None:
        """Display a stored run."""

    def notice(self, text: str, *, is_problem: bool = False, detail: str = "", cause: Cause = "") -> None:
        """Show a notice of one line, and write it to the log."""

    def set_state(self, state: State) -> None:
        """Set the state, and emit `state_changed` if it is new."""

    def on_run_ready(self) -> None:
        """Display the run that has just become ready, and set the state to running."""

    def show_plan(self) -> None:
        """Show the curriculum that the run follows."""
