"""A change of the planned stages or of the title as an undo step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from widgets.curriculum.plan import CurriculumPlan


class PlanEdit(QUndoCommand):
    """Replaces a plan by another. Undoing it does not change stages that have been run in the meantime."""

    def __init__(
        self,
        show: Callable[[CurriculumPlan], None],
        before: CurriculumPlan,
        after: CurriculumPlan,
        text: str,
        gesture: str = "",
    ) -> None:
        super().__init__(text)
        self._show, self._gesture = show, gesture
        self.before, self.after = before, after

    def redo(self) -> None:
        """Apply the plan after the edit."""
        self._show(self.after)

    def undo(self) -> None:
        """Apply the plan before the edit."""
        self._show(self.before)

    def id(self) -> int:
        """Return an id that mergeable commands share; -1 for a command that is never merged."""
        return 1 if self._gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        """Merge the next edit into this one, and return True, if both are of the same gesture."""
        if not isinstance(other, PlanEdit) or other._gesture != self._gesture:
            return False
        self.after = other.after
        self.setObsolete(self.after == self.before)
        return True
