"""The session's reaction to each event of the active run."""

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

STATE_AFTER_COMMAND: Mapping[type[Command], Literal["running", "paused"]] = {
    Pause: "paused",
    SingleStep: "paused",
    Resume: "running",
}
"""The session's state after the run has applied a command."""
log = logging.getLogger("palimpsest")


def handle_event(session: SessionInterface, event: Event) -> None:
    """Update the session's state, curriculum and notices after an event of the run."""
    match event:
        case RunStarted():
            session.on_run_ready()
        case CommandApplied(command=command) if type(command) in STATE_AFTER_COMMAND:
            session.set_state(STATE_AFTER_COMMAND[type(command)])
        case CommandApplied(command=command) if command.id not in session.sent_commands:
            _apply_earlier_command(session, command)
        case CommandRefused(command=command, reason=reason, arguments=arguments):
            arguments = {
                name: _setting_name(session, value) if name == "setting" else value for name, value in arguments.items()
            }
            session.notice(tr(reason, **arguments), is_problem=True, cause="run")
            _revert(session, command)
        case Fault(message=message, arguments=arguments, detail=detail):
            arguments = {
                name: world_fault_text(value) if name == "error" else value for name, value in arguments.items()
            }
            session.notice(tr(message, **arguments), is_problem=True, detail=detail)
        case RunFinished(reason=reason):
            _notify_end(session, reason)
        case _:
            _log_event(session, event)


def _setting_name(session: SessionInterface, setting: str) -> str:
    """Return the title of a setting that the run names by its dotted path."""
    try:
        return setting_title(session.config, {setting: None})
    except AttributeError:  # a setting of another algorithm or strategy than the current one
        return setting


def _revert(session: SessionInterface, refused: Command) -> None:
    """Show the plan or settings of the run instead of those that it refused."""
    if isinstance(refused, EditCurriculum):
        session.show_plan()
    elif isinstance(refused, Configure) and session.story is not None:
        used = live_config(session.story)
        for pending in _unanswered_changes(session):
            with suppress(ValueError):  # the run will refuse it, too
                used = used.changed(pending.changes)
        tables = {table: getattr(used, table) for table in LIVE_TABLES}
        session.curriculum.refuse(refused.changes, session.config.model_copy(update=tables))


def _unanswered_changes(session: SessionInterface) -> list[Configure]:
    """Return the changes of settings that were sent to the run and not answered yet."""
    assert session.story is not None, "a refusal is an event of the story"
    refused = (note for note in session.story.notes if isinstance(note, CommandRefused))
    answers: tuple[CommandApplied | CommandRefused, ...] = (*session.story.marks, *refused)
    answered = {answer.command.id for answer in answers}
    return [
        command
        for command in session.sent_commands.values()
        if isinstance(command, Configure) and command.id not in answered
    ]


def _log_event(session: SessionInterface, event: Event) -> None:
    """Log the start and end of a stage; show a notice when a run is resumed."""
    match event:
        case StageStarted(stage=stage, step=step):
            log.info("step %d: %s begins", step, stage.configured_task.title)
        case StageFinished(reason=reason, step=step):
            log.info("step %d: the stage ends (%s)", step, reason)
        case Resumed():
            notify_resumed(session, event)


def _notify_end(session: SessionInterface, reason: str) -> None:
    if reason == "done":
        session.notice(tr("The run is finished and stored."))
    elif reason == "fault" and session.folder is not None:
        session.broken.emit(session.folder)


def notify_resumed(session: SessionInterface, resumed: Resumed) -> None:
    """Show a notice that a run continues, and whether it does so exactly."""
    step = f"{resumed.step:,}"
    if resumed.exact and not resumed.note and session.parent_run and session.parent_run.step > resumed.step:
        fork_step = f"{session.parent_run.step:,}"
        session.notice(
            tr("Repeats from step {step}, exactly, and forks at {fork_step}.", step=step, fork_step=fork_step)
        )
    elif resumed.exact and not resumed.note:
        session.notice(tr("Continues at step {step}, exactly as it was.", step=step))
    elif resumed.exact:
        session.notice(tr("Continues at step {step}: {note}", step=step, note=resumed.note), is_problem=True)
    else:
        text = tr("Continues at step {step}, but not exactly: {note}", step=step, note=resumed.note)
        session.notice(text, is_problem=True)


def _apply_earlier_command(session: SessionInterface, applied: Command) -> None:
    """Show the effect of a command that was sent before the run was interrupted, and is applied after its resume."""
    if isinstance(applied, EditCurriculum):
        session.show_plan()
    elif isinstance(applied, Configure) and applied.changes:
        session.curriculum.take(session.config.changed(applied.changes))
