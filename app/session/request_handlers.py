"""The session's handler for each type of panel request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.session.interface import SessionInterface
from app.session.resume import resume_run
from widgets.requests import (
    ConfigChanged,
    ContinueRun,
    DecideWithout,
    InstructAgent,
    MovePlayhead,
    OpenRun,
    OverlayRuns,
    PictureMemory,
    ShowNotice,
    TrashRuns,
    Watch,
    WatchBoth,
    WatchReset,
    WatchSpeed,
    WatchStep,
)
from widgets.style.translation import tr


def request_handlers(session: SessionInterface) -> Mapping[type, Callable[[Any], None]]:
    """Return the handler of each request type."""
    watching = session.watching
    return {
        Watch: lambda request: watching.choose(request.task),
        WatchSpeed: lambda request: watching.set_speed(request.steps_per_second),
        WatchStep: lambda _: watching.step(),
        WatchReset: lambda _: watching.reset(),
        WatchBoth: lambda request: watching.compare(wanted=request.wanted),
        InstructAgent: lambda request: watching.instruct(request.text),
        DecideWithout: lambda request: watching.decide_without(request.ids, request.frame_id),
        PictureMemory: lambda request: watching.picture(request.entry, request.size),
        ShowNotice: lambda request: session.notice(request.text),
        MovePlayhead: lambda request: session.move_playhead(request.step),
        OpenRun: lambda request: session.open_run(request.folder),
        OverlayRuns: lambda request: _overlay(session, request.folders),
        TrashRuns: lambda request: _trash(session, request.folders),
        ContinueRun: lambda request: resume_run(session, request.folder),
        ConfigChanged: lambda request: session.reconfigure(request.config, request.changes),
    }


def _overlay(session: SessionInterface, folders: tuple[Path, ...]) -> None:
    others = tuple(folder for folder in folders if folder != session.folder)
    if folders and not others:
        session.notice(tr("This run is in front already. Choose another one to lay over it."), cause="run")
    else:
        session.run_library.overlay(others)


def _trash(session: SessionInterface, folders: tuple[Path, ...]) -> None:
    if session.is_live and session.folder in folders:
        session.notice(tr("This run is going on. Stop it first."), is_problem=True, cause="run")
    idle = [folder for folder in folders if not (session.is_live and folder == session.folder)]
    moved = [folder for folder in idle if session.run_library.trash(folder)]
    if session.folder in moved:
        session.reset()
    if len(moved) > 1:
        session.notice(tr("{number} runs moved to the trash", number=len(moved)))
    session.runs_changed.emit()
