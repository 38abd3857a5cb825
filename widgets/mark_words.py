"""What a person changed while a run went on, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agents.commands import Configure, EditCurriculum, EraseMemories, PinMemories
from agents.events import CommandApplied
from widgets.number_words import count
from widgets.words import tr


def _settings(command: Any) -> str:
    changes = ", ".join(f"{path} = {value}" for path, value in command.changes.items())
    return tr("settings changed: {changes}", changes=changes)


def _erased(command: Any) -> str:
    return tr("memories erased: {number}", number=count(len(command.ids)))


def _pinned(command: Any) -> str:
    words = tr("memories pinned: {number}") if command.pinned else tr("memories unpinned: {number}")
    return words.format(number=count(len(command.ids)))


_WORDS: Mapping[type, Callable[[Any], str]] = {
    EditCurriculum: lambda command: tr("curriculum edited"),
    Configure: _settings,
    EraseMemories: _erased,
    PinMemories: _pinned,
}
"""Commands that change what is learned; pausing and stepping leave no mark."""


def mark_words(mark: CommandApplied) -> str | None:
    """Return what was changed, or None where nothing was."""
    words = _WORDS.get(type(mark.command))
    return None if words is None else f"{tr('step {step}', step=count(mark.step))}: {words(mark.command)}"
