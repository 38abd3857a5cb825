"""Marks for interventions in a run: the user's changes, resumptions from a checkpoint, and rollbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from agents.commands import (
    AddKnowledge,
    Configure,
    EditCurriculum,
    EditKnowledge,
    EraseKnowledge,
    EraseMemories,
    PinKnowledge,
    PinMemories,
)
from agents.events import CommandApplied, Resumed, RolledBack
from agents.story import Story
from widgets.style.numbers import count
from widgets.style.translation import tr


class StoryMark(NamedTuple):
    """An intervention in a run, and its text."""

    step: int
    text: str
    is_rollback: bool = False
    """Whether a stage failed here and was rolled back."""


def _settings(command: Any) -> str:
    changes = ", ".join(f"{path} = {value}" for path, value in command.changes.items())
    return tr("settings changed: {changes}", changes=changes)


def _erased(command: Any) -> str:
    return tr("memories erased: {number}", number=count(len(command.ids)))


def _pinned(command: Any) -> str:
    text = tr("memories pinned: {number}") if command.pinned else tr("memories unpinned: {number}")
    return text.format(number=count(len(command.ids)))


def _pinned_sentences(command: Any) -> str:
    text = tr("sentences pinned: {number}") if command.pinned else tr("sentences unpinned: {number}")
    return text.format(number=count(len(command.ids)))


_TEXTS: Mapping[type, Callable[[Any], str]] = {
    EditCurriculum: lambda command: tr("curriculum edited"),
    Configure: _settings,
    EraseMemories: _erased,
    PinMemories: _pinned,
    AddKnowledge: lambda command: tr("sentence added: {sentence}", sentence=command.sentence),
    EditKnowledge: lambda command: tr("sentence replaced: {sentence}", sentence=command.sentence),
    EraseKnowledge: lambda command: tr("sentences erased: {number}", number=count(len(command.ids))),
    PinKnowledge: _pinned_sentences,
}
"""Text of every command that changes learning; the others, such as pausing, are not marked."""


def command_text(mark: CommandApplied) -> str | None:
    """Return what a command changed, or None if it does not change learning."""
    text = _TEXTS.get(type(mark.command))
    return None if text is None else f"{tr('step {step}', step=count(mark.step))}: {text(mark.command)}"


def resumed_text(event: Resumed) -> str:
    """Return that the run was resumed here, and whether exactly."""
    if event.exact:
        text = tr("resumed from a checkpoint, exactly")
    else:
        text = tr("resumed from a checkpoint, not exactly: {note}", note=event.note)
    return f"{tr('step {step}', step=count(event.step))}: {text}"


def rolled_back_text(event: RolledBack) -> str:
    """Return that a stage failed here, and the step it was rolled back to."""
    text = tr("failed and rolled back to step {to}, attempt {attempt}", to=count(event.to), attempt=event.attempt)
    return f"{tr('step {step}', step=count(event.step))}: {text}"


def story_marks(story: Story) -> list[StoryMark]:
    """Return the interventions in a run, in order of steps."""
    changed = [StoryMark(mark.step, text) for mark in story.marks if (text := command_text(mark))]
    resumed = [StoryMark(event.step, resumed_text(event)) for event in story.resumed]
    failed = [StoryMark(event.step, rolled_back_text(event), is_rollback=True) for event in story.rolled_back]
    return sorted((*changed, *resumed, *failed))
