"""A change of settings as an undo step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from PySide6.QtGui import QUndoCommand

from agents.config import RunConfig
from agents.config.changes import changes_between


class SettingEdit(QUndoCommand):
    """Sets some settings, and restores them; it changes no others.

    Successive edits with the same `gesture`, such as clicks on the arrow of a spin box, are merged.
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
        """Tables with changed settings; a setting outside of tables counts as its own."""
        return {path.partition(".")[0] for path in changes_between(self._before, self._after)}

    def requested(self, changes: Mapping[str, Any]) -> bool:
        """Return whether doing or undoing it requests `changes`."""
        forward, backward = changes_between(self._before, self._after), changes_between(self._after, self._before)
        return any(changes.items() <= requested_changes.items() for requested_changes in (forward, backward))

    def correct(self, changes: Mapping[str, Any], settings: RunConfig) -> None:
        """Reduce the edit to what `settings` have after `changes` were refused: nothing, or a part of the gesture."""
        path = next(iter(changes))
        accepted = {path: attrgetter(path)(settings)} if self._gesture else {}
        self._after = self._before.changed(accepted)
        self.setObsolete(not changes_between(self._before, self._after))

    def redo(self) -> None:
        """Apply the changes."""
        self._apply(changes_between(self._before, self._after))

    def undo(self) -> None:
        """Restore the previous values."""
        self._apply(changes_between(self._after, self._before))

    def id(self) -> int:
        """Return an id that mergeable commands share; -1 for a command that is never merged."""
        return 2 if self._gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        """Merge the next edit into this one, and return True, if both are of the same gesture."""
        if not isinstance(other, SettingEdit) or other._gesture != self._gesture:
            return False
        self._after = other._after
        self.setObsolete(not changes_between(self._before, self._after))
        return True
