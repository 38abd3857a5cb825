"""The table of what an agent knows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from agents.events import KnowledgeEntry
from widgets.knowledge.model import ALIKE, KnowledgeChoice, KnowledgeModel
from widgets.style.task_names import TaskName
from widgets.views.entry_model import Field
from widgets.views.entry_table import EntryTable


class KnowledgeTable(EntryTable[KnowledgeEntry]):
    """How near a sentence is stands beside it while a meaning is searched for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.sentences = KnowledgeModel()
        super().__init__(self.sentences, "step", parent)
        self._before = (self.sentences.column_of("step"), Qt.SortOrder.DescendingOrder)
        """How it was sorted before a meaning was searched for."""

    def show_sentences(
        self, entries: Sequence[KnowledgeEntry], names: Sequence[TaskName], choice: KnowledgeChoice
    ) -> None:
        """Show what is chosen of these sentences: the nearest first, once a meaning is searched for.

        What was selected stays selected, and stays where it is on the screen.
        """
        began, ended = self._turn(choice)
        self.preserve_selection(lambda: self.sentences.show(entries, names, choice))
        if began:
            header = self.horizontalHeader()
            self._before = (header.sortIndicatorSection(), header.sortIndicatorOrder())
            self.sortByColumn(self.sentences.column_of(ALIKE), Qt.SortOrder.DescendingOrder)
        elif ended:
            self.sortByColumn(*self._before)
        if began or ended:
            self.lay_out()

    def has_room(self, field: Field[KnowledgeEntry], width: int) -> bool:
        """Whether a field is shown: nearness only where something is to be near to, in the place of another."""
        is_ranked = bool(self.sentences.choice.meaning)
        if field.key == ALIKE:
            return is_ranked
        return super().has_room(field, width - is_ranked * field.width)

    def _turn(self, choice: KnowledgeChoice) -> tuple[bool, bool]:
        """Return whether the search for a meaning begins, or ends, with `choice`."""
        before, now = bool(self.sentences.choice.meaning), bool(choice.meaning)
        return now and not before, before and not now
