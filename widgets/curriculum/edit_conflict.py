"""What an edit of the curriculum meets where the run, or somebody else, was faster."""

from __future__ import annotations

from widgets.style.translation import tr


class EditConflict(ValueError):
    """The clip that an edit is about is history by now, or gone."""

    def __init__(self, message: str, *, is_history: bool = False) -> None:
        super().__init__(message)
        self.is_history = is_history

    @property
    def said(self) -> str:
        """What to tell the person, in one line."""
        if self.is_history:
            return tr("This clip is over by now and can't be changed. Duplicate it to run it again.")
        return tr("This clip is not in the curriculum any more.")
