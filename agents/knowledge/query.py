"""Exact filters over the entries of a knowledge base."""

from __future__ import annotations

from dataclasses import dataclass

from agents.events import KnowledgeEntry


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that an entry must meet; defaults exclude nothing."""

    words: str = ""
    """Words that the sentence contains, in any order and case."""
    task_id: int | None = None
    """Id of the task in which the sentence was learned."""
    source: str = ""
    """Source of the sentence, as in `KnowledgeEntry.source`."""
    confidence: float = 0.0
    """Minimum confidence."""

    def matches(self, entry: KnowledgeEntry) -> bool:
        """Return whether an entry meets all conditions."""
        sentence = entry.sentence.lower()
        return (
            all(word in sentence for word in self.words.lower().split())
            and self.task_id in (None, entry.task_id)
            and self.source in ("", entry.source)
            and entry.confidence >= self.confidence
        )
