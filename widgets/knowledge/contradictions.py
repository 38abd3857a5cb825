"""The table of contradicting sentences, in pairs: which one is believed, and why."""

from __future__ import annotations

from agents.knowledge.contradictions import Contradiction
from widgets.knowledge.text import ground_text, with_confidence
from widgets.style.translation import tr
from widgets.views.entry_model import EntryModel, Field
from widgets.views.entry_table import EntryTable

FIELDS: tuple[Field[Contradiction], ...] = (
    Field(
        "believed",
        lambda: tr("Believed"),
        lambda pair: pair.believed.sentence,
        lambda pair, _: with_confidence(pair.believed),
        0,
        has_tooltip=True,
    ),
    Field(
        "refuted",
        lambda: tr("Refuted"),
        lambda pair: pair.refuted.sentence,
        lambda pair, _: with_confidence(pair.refuted),
        0,
        has_tooltip=True,
    ),
    Field(
        "ground",
        lambda: tr("Because"),
        lambda pair: pair.ground,
        lambda pair, _: ground_text(pair.ground),
        140,
        has_tooltip=True,
    ),
)


class ContradictionList(EntryTable[Contradiction]):
    """A table with one row per pair; its id is that of the refuted sentence."""

    def __init__(self) -> None:
        self.pairs: EntryModel[Contradiction] = EntryModel(FIELDS, "believed")
        super().__init__(self.pairs, "believed")

    def show_pairs(self, pairs: list[Contradiction]) -> None:
        """Replace the pairs."""
        self.preserve_selection(lambda: self.pairs.set_entries(pairs, ()))
