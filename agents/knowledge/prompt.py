"""How retrieved sentences are put before an observation."""

from __future__ import annotations

from collections.abc import Iterable

from agents.events import KnowledgeEntry

OPENING = "you know :"
"""The words before what is recalled; an agent meets them with its first task."""


def with_knowledge(text: str, entries: Iterable[KnowledgeEntry], most_words: int) -> str:
    """Return `text` after the sentences of `entries`, the first ones first, as far as `most_words` reach."""
    told, left = [], most_words
    for entry in entries:
        words = entry.sentence.lower().rstrip(" .").split()
        left -= len(words)
        if left < 0:
            break
        told.append(f"{' '.join(words)} .")
    return f"{OPENING} {' '.join(told)} {text}" if told else text
