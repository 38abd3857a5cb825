"""How the session handles each event of the current run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Literal

from agents.commands import LIVE_TABLES, Command, Configure, EditCurriculum, Pause, Resume, SingleStep
from agents.events import (
    CommandApplied,
    CommandRefused,
    Event,
    Fault,
    Resumed,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
)
from agents.story.live_config import live_config
from app.session.interface import SessionInterface
from widgets.forms.setting_titles import setting_title
from widgets.style.translation import tr
from widgets.style.world_fault_text import world_fault_text

STATES: Mapping[type[Command], Literal["running", "paused"]] = {
    Pause: "paused",
    SingleStep: "paused",
    Resume: "running",
}
"""What a run does once it has obeyed these."""
log = logging.getLogger("palimpsest")


def handle_events(session: SessionInterface, event: Event) -> None:
    """Do what is to be done about something that has just happened."""
    match event:
        case RunStarted():
            session.begun()
        case CommandApplied(command=command) if type(command) in STATES:
            session.become(STATES[type(command)])
        case CommandApplied(command=command) if command.id not in session.asked:
            _learn_of(session, command)
        case CommandRefused(command=command, reason=reason, arguments=arguments):
            said = {name: _called(session, value) if name == "setting" else value for name, value in arguments.items()}
            session.notice(tr(reason, **said), is_problem=True, cause="run")
            _take_back(session, command)
        case Fault(message=message, arguments=arguments, detail=detail):
            said = {name: world_fault_text(value) if name == "error" else value for name, value in arguments.items()}
            session.notice(tr(message, **said), is_problem=True, detail=detail)
        case RunFinished(reason=reason):
            _hear_the_end(session, reason)
        case _:
            _note(session, event)


def _called(session: SessionInterface, setting: str) -> str:
    """Return what people call a setting, which a run names by its path."""
    try:
        return setting_title(session.config, {setting: None})
    except AttributeError:  # of another kind of part
        return setting


def _take_back(session: SessionInterface, refused: Command) -> None:
    """Show what the run really follows, where something else was entered."""
    if isinstance(refused, EditCurriculum):
        session.show_plan()
    elif isinstance(refused, Configure) and session.story is not None:
        used = live_config(session.story)
        for waiting in _unanswered(session):
            with suppress(ValueError):  # it will be refused, too
                used = used.changed(waiting.changes)
        tables = {table: getattr(used, table) for table in LIVE_TABLES}
        session.curriculum.refuse(refused.changes, session.config.model_copy(update=tables))


def _unanswered(session: SessionInterface) -> list[Configure]:
    """Return the changes of settings that were asked for, and that the run has yet to read."""
    assert session.story is not None, "a run that refuses has been told of"
    refused = (note for note in session.story.notes if isinstance(note, CommandRefused))
    told: tuple[CommandApplied | CommandRefused, ...] = (*session.story.marks, *refused)
    answered = {answer.command.id for answer in told}
    return [one for one in session.asked.values() if isinstance(one, Configure) and one.id not in answered]


def _note(session: SessionInterface, event: Event) -> None:
    """Write it down, or say it."""
    match event:
        case StageStarted(stage=stage, step=step):
            log.info("step %d: %s begins", step, stage.configured_task.title)
        case StageFinished(reason=reason, step=step):
            log.info("step %d: the stage ends (%s)", step, reason)
        case Resumed():
            say_resumed(session, event)


def _hear_the_end(session: SessionInterface, reason: str) -> None:
    if reason == "done":
        session.notice(tr("The run is finished and stored."))
    elif reason == "fault" and session.folder is not None:
        session.broken.emit(session.folder)


def say_resumed(session: SessionInterface, resumed: Resumed) -> None:
    """Tell that a run goes on, and whether it does so exactly."""
    step = f"{resumed.step:,}"
    if resumed.exact and not resumed.note and session.parent_run and session.parent_run.step > resumed.step:
        parting = f"{session.parent_run.step:,}"
        session.notice(
            tr("Lives again from step {step}, exactly, and leaves at {parting}.", step=step, parting=parting)
        )
    elif resumed.exact and not resumed.note:
        session.notice(tr("Goes on at step {step}, exactly as it was.", step=step))
    elif resumed.exact:
        session.notice(tr("Goes on at step {step}: {note}", step=step, note=resumed.note), is_problem=True)
    else:
        text = tr("Goes on at step {step}, but not bit by bit: {note}", step=step, note=resumed.note)
        session.notice(text, is_problem=True)


def _learn_of(session: SessionInterface, applied: Command) -> None:
    """Show what a run that goes on was asked earlier, and does only now."""
    if isinstance(applied, EditCurriculum):
        session.show_plan()
    elif isinstance(applied, Configure) and applied.changes:
        session.curriculum.take(session.config.changed(applied.changes))
