"""How the session resumes and forks stored runs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from agents.commands import Resume
from agents.errors import BadInput
from app.runs.live_run import RunStart
from app.runs.preparation import ForkOptions, forked, resumed
from app.session.interface import SessionInterface
from widgets.style.translation import tr


def resume_run(session: SessionInterface, folder: Path | None) -> None:
    """Resume a stored run from its last checkpoint; None for the displayed run."""
    folder = folder or session.folder
    is_front = folder == session.folder
    if folder is None:
        session.notice(tr("There is no run to resume. Press play first."), cause="run")
    elif is_front and session.state == "paused":
        session.put(Resume())
    elif session.is_live:
        session.notice(tr("A run is active. Stop it first."), is_problem=True, cause="run")
    elif is_front and session.is_done:
        session.notice(
            tr("This run is finished. Fork it to continue with other settings or stages."), is_problem=True, cause="run"
        )
    else:
        _resume(session, folder)


def restart(session: SessionInterface) -> None:
    """Abandon the active run, whose world hangs, and resume it from its last checkpoint."""
    start, folder = session.live_run.start, session.live_run.folder
    if folder is not None and _abandon(session):
        _resume(session, folder, start.without if start else ())


def resume_without(session: SessionInterface, world: str) -> None:
    """Abandon the run that is active or being created, and resume or restart it without the world that hangs."""
    start, folder = session.live_run.start, session.live_run.folder
    if start is None or not session.live_run.is_active or not _abandon(session):
        return
    without = (*start.without, world)
    if folder is None:
        session.begin_run(replace(start, without=without))
    else:
        _resume(session, folder, without)


def _abandon(session: SessionInterface) -> bool:
    """Abandon the thread that hangs; return whether that worked, and show a notice if it did not."""
    try:
        session.live_run.abandon()
    except BadInput as error:
        session.notice(str(error), is_problem=True)
        return False
    return True


def _resume(session: SessionInterface, folder: Path, without: tuple[str, ...] = ()) -> None:
    session.begin_run(RunStart(partial(resumed, folder), model=folder, without=without))


def fork(session: SessionInterface, folder: Path, options: ForkOptions) -> None:
    """Start a fork of the run in `folder`, after stopping the active run."""
    session.begin_run(RunStart(partial(forked, session.run_library.root, folder, options), model=folder))
