"""How the session resumes and forks stored runs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from agents.commands import Resume
from agents.errors import BadInput
from app.runs.live_run import RunStart
from app.runs.preparation import Future, forked, resumed
from app.session.interface import SessionInterface
from widgets.style.translation import tr


def go_on(session: SessionInterface, folder: Path | None) -> None:
    """Live a stored run on, from its last checkpoint; None: the run in front."""
    folder = folder or session.folder
    is_front = folder == session.folder
    if folder is None:
        session.notice(tr("There is no run to go on with. Press play first."), cause="run")
    elif is_front and session.state == "paused":
        session.put(Resume())
    elif session.is_live:
        session.notice(tr("A run is going on. Stop it first."), is_problem=True, cause="run")
    elif is_front and session.is_done:
        session.notice(tr("This run is finished. Fork it to give it another future."), is_problem=True, cause="run")
    else:
        _resume(session, folder)


def restart(session: SessionInterface) -> None:
    """Leave the run that is lived to its hanging world, and live it again from its last checkpoint."""
    start, folder = session.live_run.start, session.live_run.folder
    if folder is not None and _abandoned(session):
        _resume(session, folder, start.without if start else ())


def go_on_without(session: SessionInterface, world: str) -> None:
    """Leave the run that is made or lived to a world that hangs, and live on all that is not lived there."""
    start, folder = session.live_run.start, session.live_run.folder
    if start is None or not session.live_run.is_on or not _abandoned(session):
        return
    without = (*start.without, world)
    if folder is None:
        session.begin_run(replace(start, without=without))
    else:
        _resume(session, folder, without)


def _abandoned(session: SessionInterface) -> bool:
    """Leave the thread that hangs; return whether it could be left, or say why not."""
    try:
        session.live_run.abandon()
    except BadInput as error:
        session.notice(str(error), is_problem=True)
        return False
    return True


def _resume(session: SessionInterface, folder: Path, without: tuple[str, ...] = ()) -> None:
    session.begin_run(RunStart(partial(resumed, folder), model=folder, without=without))


def fork(session: SessionInterface, folder: Path, future: Future) -> None:
    """Live a new run that leaves the one in `folder`; a run that goes on is stopped first."""
    session.begin_run(RunStart(partial(forked, session.run_library.root, folder, future), model=folder))
