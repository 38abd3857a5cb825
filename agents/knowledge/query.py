"""Exact filters over the entries of a knowledge base."""

from __future__ import annotations

from dataclasses import dataclass

from agents.events import KnowledgeEntry


@dataclass(frozen=True, slots=True)
class Query:
    """What every entry of the answer must be; what is left out asks for nothing."""

    words: str = ""
    """Words that it holds, in any order and case."""
    task_id: int | None = None
    """The task in which it was learned."""
    source: str = ""
    """Where it is from."""
    confidence: float = 0.0
    """The least there is for it."""

    def fits(self, entry: KnowledgeEntry) -> bool:
        """Whether an entry belongs to the answer."""
        sentence = entry.sentence.lower()
        return (
            all(word in sentence for word in self.words.lower().split())
            and self.task_id in (None, entry.task_id)
            and self.source in ("", entry.source)
            and entry.confidence >= self.confidence
        )
