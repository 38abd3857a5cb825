"""The table of knowledge sentences."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from agents.events import KnowledgeEntry
from widgets.knowledge.model import SIMILARITY, KnowledgeChoice, KnowledgeModel
from widgets.style.task_names import TaskName
from widgets.views.entry_model import Field
from widgets.views.entry_table import EntryTable


class KnowledgeTable(EntryTable[KnowledgeEntry]):
    """A table of sentences, with a column for the similarity during a search by meaning."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.sentences = KnowledgeModel()
        super().__init__(self.sentences, "step", parent)
        self._before = (self.sentences.column_of("step"), Qt.SortOrder.DescendingOrder)
        """Column and order of sorting before the search by meaning."""

    def show_sentences(
        self, entries: Sequence[KnowledgeEntry], names: Sequence[TaskName], choice: KnowledgeChoice
    ) -> None:
        """Show the sentences that pass the filter, by descending similarity in a search by meaning.

        The selection and its position on the screen are preserved.
        """
        began, ended = self._search_changes(choice)
        self.preserve_selection(lambda: self.sentences.show(entries, names, choice))
        if began:
            header = self.horizontalHeader()
            self._before = (header.sortIndicatorSection(), header.sortIndicatorOrder())
            self.sortByColumn(self.sentences.column_of(SIMILARITY), Qt.SortOrder.DescendingOrder)
        elif ended:
            self.sortByColumn(*self._before)
        if began or ended:
            self.lay_out()

    def has_room(self, field: Field[KnowledgeEntry], width: int) -> bool:
        """Return whether a field is shown; the similarity, only in a search by meaning, takes the width of another."""
        is_ranked = bool(self.sentences.choice.meaning)
        if field.key == SIMILARITY:
            return is_ranked
        return super().has_room(field, width - is_ranked * field.width)

    def _search_changes(self, choice: KnowledgeChoice) -> tuple[bool, bool]:
        """Return whether a search by meaning begins, or ends, with `choice`."""
        before, now = bool(self.sentences.choice.meaning), bool(choice.meaning)
        return now and not before, before and not now
