"""Prepend retrieved sentences to an observation."""

from __future__ import annotations

from collections.abc import Iterable

from agents.events import KnowledgeEntry

OPENING = "you know :"
"""The words before retrieved sentences; the first task adds them to the vocabulary."""


def with_knowledge(text: str, entries: Iterable[KnowledgeEntry], max_words: int) -> str:
    """Prepend the sentences of `entries` to `text`, in order, until the next would exceed `max_words` in total."""
    parts, left = [], max_words
    for entry in entries:
        words = entry.sentence.lower().rstrip(" .").split()
        left -= len(words)
        if left < 0:
            break
        parts.append(f"{' '.join(words)} .")
    return f"{OPENING} {' '.join(parts)} {text}" if parts else text
