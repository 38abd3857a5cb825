"""A change of settings as a step of undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtGui import QUndoCommand

from agents.config import RunConfig
from agents.config_changes import changes_between


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
