"""What an agent knows as a table: sentences found by their words, or by what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from agents.events import KnowledgeEntry
from agents.knowledge.query import Query
from widgets.knowledge.text import evidence_words, is_in_state, source_words, standing_words
from widgets.style.numbers import count, score
from widgets.style.task_names import TaskName
from widgets.style.translation import tr
from widgets.views.entry_model import EntryModel, Field, Rows, name_of_task

ALIKE = "alike"
FIELDS: tuple[Field[KnowledgeEntry], ...] = (
    Field(
        "task",
        lambda: tr("Task"),
        lambda one: -1 if one.task_id is None else one.task_id,
        lambda one, names: name_of_task(one.task_id, names),
        112,
        has_tooltip=True,
    ),
    Field(
        "sentence", lambda: tr("Sentence"), lambda one: one.sentence, lambda one, _: one.sentence, 0, has_tooltip=True
    ),
    Field(
        "confidence",
        lambda: tr("Confidence"),
        lambda one: one.confidence,
        lambda one, _: score(one.confidence),
        92,
        number=True,
    ),
    Field(
        "evidence",
        lambda: tr("For : against"),
        lambda one: one.evidence_for - one.evidence_against,
        lambda one, _: evidence_words(one),
        104,
        520,
        number=True,
    ),
    Field("uses", lambda: tr("Used"), lambda one: one.uses, lambda one, _: count(one.uses), 72, 430, number=True),
    Field("state", lambda: tr("State"), lambda one: one.standing, lambda one, _: standing_words(one), 150, 860),
    Field(
        "source", lambda: tr("Source"), lambda one: one.source, lambda one, _: source_words()[one.source], 150, 1_020
    ),
    Field("step", lambda: tr("When"), lambda one: one.step, lambda one, _: count(one.step), 88, 1_120, number=True),
)


@dataclass(frozen=True, slots=True)
class KnowledgeChoice:
    """Which sentences are shown; what is left out asks for nothing."""

    words: str = ""
    meaning: str = ""
    source: str = ""
    state: str = ""
    near: Mapping[int, float] = field(default_factory=dict, compare=False)
    """Cosines of those that are near to the meaning, by id."""

    def places(self, entries: Sequence[KnowledgeEntry]) -> list[int]:
        """Return the places of those that are shown."""
        query, near = Query(words=self.words, source=self.source), self.near if self.meaning else None
        return [
            place
            for place, entry in enumerate(entries)
            if (near is None or entry.id in near) and is_in_state(entry, self.state) and query.fits(entry)
        ]


class KnowledgeModel(EntryModel[KnowledgeEntry]):
    """Newest first, or nearest first where a meaning is searched for, until the person sorts otherwise."""

    def __init__(self) -> None:
        self.choice = KnowledgeChoice()
        alike: Field[KnowledgeEntry] = Field(
            ALIKE,
            lambda: tr("Alike"),
            lambda one: self.choice.near.get(one.id, 0.0),
            lambda one, _: score(self.choice.near.get(one.id)),
            72,
            number=True,
        )
        super().__init__((*FIELDS[:2], alike, *FIELDS[2:]), "step")

    def show(self, entries: Sequence[KnowledgeEntry], names: Sequence[TaskName], choice: KnowledgeChoice) -> None:
        """Hold these sentences, and show what is chosen of them."""
        self.choice = choice
        self.set_entries(entries, names)

    def is_pinned(self, entry: KnowledgeEntry) -> bool:
        """Whether a sentence is filtered and believed whatever comes."""
        return entry.pinned

    def filtered(self) -> Rows:
        """Return the places of what is chosen."""
        return np.array(self.choice.places(self.all_entries), dtype=np.int64)

    @property
    def shown(self) -> list[KnowledgeEntry]:
        """What is chosen, in the order shown."""
        return self.entries(0, self.rowCount())
