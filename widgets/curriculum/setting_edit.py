"""A change of settings as a step of undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from PySide6.QtGui import QUndoCommand

from agents.config import RunConfig
from agents.config.changes import changes_between


class SettingEdit(QUndoCommand):
    """Sets some settings, and sets them back; it leaves all others alone.

    Edits in a row with the same `gesture` are one step: the presses of an arrow beside a number.
    """

    def __init__(
        self,
        apply: Callable[[Mapping[str, Any]], None],
        before: RunConfig,
        after: RunConfig,
        text: str,
        gesture: str = "",
    ) -> None:
        super().__init__(text)
        self._apply, self._gesture = apply, gesture
        self._before, self._after = before, after

    @property
    def tables(self) -> set[str]:
        """Tables of settings that it touches; a setting outside of any is its own."""
        return {path.partition(".")[0] for path in changes_between(self._before, self._after)}

    def made(self, changes: Mapping[str, Any]) -> bool:
        """Whether doing or undoing it last asked for `changes`."""
        there, back = changes_between(self._before, self._after), changes_between(self._after, self._before)
        return any(changes.items() <= asked.items() for asked in (there, back))

    def correct(self, changes: Mapping[str, Any], settings: RunConfig) -> None:
        """Change no more than what holds in `settings`, because `changes` were refused: nothing, or fewer presses."""
        path = next(iter(changes))
        holds = {path: attrgetter(path)(settings)} if self._gesture else {}
        self._after = self._before.changed(holds)
        self.setObsolete(not changes_between(self._before, self._after))

    def redo(self) -> None:
        """Set them."""
        self._apply(changes_between(self._before, self._after))

    def undo(self) -> None:
        """Set them back."""
        self._apply(changes_between(self._after, self._before))

    def id(self) -> int:
        """Tell which commands may be merged."""
        return 2 if self._gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        """Take what the same hand did next."""
        if not isinstance(other, SettingEdit) or other._gesture != self._gesture:
            return False
        self._after = other._after
        self.setObsolete(not changes_between(self._before, self._after))
        return True
