"""What happened to a run from outside, in words: what a person changed, and where it went on from a checkpoint."""

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
    """Something that happened to a run from outside."""

    step: int
    text: str
    is_setback: bool = False
    """A stage failed here and was taken back."""


def _settings(command: Any) -> str:
    changes = ", ".join(f"{path} = {value}" for path, value in command.changes.items())
    return tr("settings changed: {changes}", changes=changes)


def _erased(command: Any) -> str:
    return tr("memories erased: {number}", number=count(len(command.ids)))


def _pinned(command: Any) -> str:
    words = tr("memories pinned: {number}") if command.pinned else tr("memories unpinned: {number}")
    return words.format(number=count(len(command.ids)))


def _pinned_sentences(command: Any) -> str:
    words = tr("sentences pinned: {number}") if command.pinned else tr("sentences unpinned: {number}")
    return words.format(number=count(len(command.ids)))


_WORDS: Mapping[type, Callable[[Any], str]] = {
    EditCurriculum: lambda command: tr("curriculum edited"),
    Configure: _settings,
    EraseMemories: _erased,
    PinMemories: _pinned,
    AddKnowledge: lambda command: tr("told: {sentence}", sentence=command.sentence),
    EditKnowledge: lambda command: tr("told instead: {sentence}", sentence=command.sentence),
    EraseKnowledge: lambda command: tr("sentences erased: {number}", number=count(len(command.ids))),
    PinKnowledge: _pinned_sentences,
}
"""Commands that change what is learned; pausing and stepping leave no mark."""


def mark_words(mark: CommandApplied) -> str | None:
    """Return what was changed, or None where nothing was."""
    words = _WORDS.get(type(mark.command))
    return None if words is None else f"{tr('step {step}', step=count(mark.step))}: {words(mark.command)}"


def resumed_words(event: Resumed) -> str:
    """Return that the run went on here, and how exactly."""
    if event.exact:
        said = tr("lived on from a checkpoint, exactly")
    else:
        said = tr("lived on from a checkpoint, not exactly: {note}", note=event.note)
    return f"{tr('step {step}', step=count(event.step))}: {said}"


def rolled_back_words(event: RolledBack) -> str:
    """Return that a stage failed here, and where it was taken back to."""
    said = tr("failed and taken back to step {to}, time {attempt}", to=count(event.to), attempt=event.attempt)
    return f"{tr('step {step}', step=count(event.step))}: {said}"


def marks(story: Story) -> list[StoryMark]:
    """Return what happened to a story from outside, in order."""
    changed = [StoryMark(mark.step, words) for mark in story.marks if (words := mark_words(mark))]
    resumed = [StoryMark(event.step, resumed_words(event)) for event in story.resumed]
    failed = [StoryMark(event.step, rolled_back_words(event), is_setback=True) for event in story.rolled_back]
    return sorted((*changed, *resumed, *failed))
