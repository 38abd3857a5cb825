"""The table model of knowledge sentences, filtered by words or by meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from agents.events import KnowledgeEntry
from agents.knowledge.query import Query
from widgets.knowledge.text import evidence_text, is_in_state, source_texts, standing_text
from widgets.style.numbers import count, score
from widgets.style.task_names import TaskName
from widgets.style.translation import tr
from widgets.views.entry_model import EntryModel, Field, Rows, name_of_task

SIMILARITY = "similarity"
FIELDS: tuple[Field[KnowledgeEntry], ...] = (
    Field(
        "task",
        lambda: tr("Task"),
        lambda entry: -1 if entry.task_id is None else entry.task_id,
        lambda entry, names: name_of_task(entry.task_id, names),
        112,
        has_tooltip=True,
    ),
    Field(
        "sentence",
        lambda: tr("Sentence"),
        lambda entry: entry.sentence,
        lambda entry, _: entry.sentence,
        0,
        has_tooltip=True,
    ),
    Field(
        "confidence",
        lambda: tr("Confidence"),
        lambda entry: entry.confidence,
        lambda entry, _: score(entry.confidence),
        92,
        number=True,
    ),
    Field(
        "evidence",
        lambda: tr("For : against"),
        lambda entry: entry.evidence_for - entry.evidence_against,
        lambda entry, _: evidence_text(entry),
        104,
        520,
        number=True,
    ),
    Field(
        "uses", lambda: tr("Used"), lambda entry: entry.uses, lambda entry, _: count(entry.uses), 72, 430, number=True
    ),
    Field("state", lambda: tr("State"), lambda entry: entry.standing, lambda entry, _: standing_text(entry), 150, 860),
    Field(
        "source",
        lambda: tr("Source"),
        lambda entry: entry.source,
        lambda entry, _: source_texts()[entry.source],
        150,
        1_020,
    ),
    Field(
        "step", lambda: tr("When"), lambda entry: entry.step, lambda entry, _: count(entry.step), 88, 1_120, number=True
    ),
)


@dataclass(frozen=True, slots=True)
class KnowledgeChoice:
    """A filter of sentences; empty fields filter nothing."""

    words: str = ""
    meaning: str = ""
    source: str = ""
    state: str = ""
    near: Mapping[int, float] = field(default_factory=dict, compare=False)
    """Cosine similarity to the meaning searched for, by id."""

    def indices(self, entries: Sequence[KnowledgeEntry]) -> list[int]:
        """Return the indices of the entries that pass the filter."""
        query, near = Query(words=self.words, source=self.source), self.near if self.meaning else None
        return [
            index
            for index, entry in enumerate(entries)
            if (near is None or entry.id in near) and is_in_state(entry, self.state) and query.matches(entry)
        ]


class KnowledgeModel(EntryModel[KnowledgeEntry]):
    """Sorted by time or, in a search by meaning, by similarity, until the user sorts otherwise."""

    def __init__(self) -> None:
        self.choice = KnowledgeChoice()
        similarity: Field[KnowledgeEntry] = Field(
            SIMILARITY,
            lambda: tr("Alike"),
            lambda entry: self.choice.near.get(entry.id, 0.0),
            lambda entry, _: score(self.choice.near.get(entry.id)),
            72,
            number=True,
        )
        super().__init__((*FIELDS[:2], similarity, *FIELDS[2:]), "step")

    def show(self, entries: Sequence[KnowledgeEntry], names: Sequence[TaskName], choice: KnowledgeChoice) -> None:
        """Replace the sentences and the filter."""
        self.choice = choice
        self.set_entries(entries, names)

    def is_pinned(self, entry: KnowledgeEntry) -> bool:
        """Return whether a sentence is pinned: never replaced, always believed."""
        return entry.pinned

    def filtered(self) -> Rows:
        """Return the indices of the sentences that pass the filter; shape (rows,)."""
        return np.array(self.choice.indices(self.all_entries), dtype=np.int64)

    @property
    def shown(self) -> list[KnowledgeEntry]:
        """The sentences that pass the filter, in the order shown."""
        return self.entries(0, self.rowCount())
