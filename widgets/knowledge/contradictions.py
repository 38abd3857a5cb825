"""Sentences that contradict each other, in pairs: which is believed, and why."""

from __future__ import annotations

from agents.knowledge.contradictions import Contradiction
from widgets.knowledge.text import believed_words, ground_words
from widgets.style.translation import tr
from widgets.views.entry_model import EntryModel, Field
from widgets.views.entry_table import EntryTable

FIELDS: tuple[Field[Contradiction], ...] = (
    Field(
        "believed",
        lambda: tr("Believed"),
        lambda pair: pair.believed.sentence,
        lambda pair, _: believed_words(pair.believed),
        0,
        has_tooltip=True,
    ),
    Field(
        "refuted",
        lambda: tr("Refuted"),
        lambda pair: pair.refuted.sentence,
        lambda pair, _: believed_words(pair.refuted),
        0,
        has_tooltip=True,
    ),
    Field(
        "ground",
        lambda: tr("Because"),
        lambda pair: pair.ground,
        lambda pair, _: ground_words(pair.ground),
        140,
        has_tooltip=True,
    ),
)


class ContradictionList(EntryTable[Contradiction]):
    """A row a pair; its number is that of the refuted one."""

    def __init__(self) -> None:
        self.pairs: EntryModel[Contradiction] = EntryModel(FIELDS, "believed")
        super().__init__(self.pairs, "believed")

    def show_pairs(self, pairs: list[Contradiction]) -> None:
        """Show other pairs."""
        self.preserve_selection(lambda: self.pairs.set_entries(pairs, ()))
