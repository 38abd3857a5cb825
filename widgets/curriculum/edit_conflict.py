"""The error for an edit of a stage that a run has begun, or another edit removed, in the meantime."""

from __future__ import annotations

from widgets.style.translation import tr


class EditConflict(ValueError):
    """The stage to be edited has been run by now, or was removed."""

    def __init__(self, message: str, *, is_history: bool = False) -> None:
        super().__init__(message)
        self.is_history = is_history

    @property
    def user_message(self) -> str:
        """A message for the person, in one line."""
        if self.is_history:
            return tr("This clip is over by now and can't be changed. Duplicate it to run it again.")
        return tr("This clip is not in the curriculum any more.")
