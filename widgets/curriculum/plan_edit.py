"""A change of the planned stages, or of the title, as a step of undo."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from widgets.curriculum.plan import CurriculumPlan


class PlanEdit(QUndoCommand):
    """From one plan to another. Undoing it leaves alone what has been run meanwhile."""

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
        """Show the plan after it."""
        self._show(self.after)

    def undo(self) -> None:
        """Show the plan before it."""
        self._show(self.before)

    def id(self) -> int:
        """Tell which commands may be merged."""
        return 1 if self._gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        """Take what the same hand did next."""
        if not isinstance(other, PlanEdit) or other._gesture != self._gesture:
            return False
        self.after = other.after
        self.setObsolete(self.after == self.before)
        return True
