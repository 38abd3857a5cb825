"""An index of memories by the similarity of their sentences, fast enough for several queries a second."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from agents.events import MemoryEntry

_MIN_SIMILARITY = 0.5
"""Minimum Jaccard similarity."""


class NearestMemories:
    """An inverted index from words to the sentences of memories, updated incrementally."""

    def __init__(self) -> None:
        self._entries: dict[int, MemoryEntry] = {}
        self._indices: dict[str, int] = {}
        """Index of every sentence that was ever added."""
        self._texts: list[dict[tuple[int, str], dict[int, MemoryEntry]]] = []
        """The memories of each sentence, by task and action, oldest first."""
        self._sizes: list[int] = []
        """Number of distinct words of each sentence."""
        self._by_word: dict[str, list[int]] = {}
        self._arrays: dict[str, NDArray[np.int64]] = {}
        """The lists of `_by_word` as arrays, cached."""

    def __len__(self) -> int:
        return len(self._entries)

    def update(self, entries: Iterable[MemoryEntry]) -> None:
        """Replace the indexed memories; only the differences take time."""
        by_id = {entry.id: entry for entry in entries}
        for id_ in [id_ for id_ in self._entries if id_ not in by_id]:
            self._remove(self._entries.pop(id_))
        for id_, entry in by_id.items():
            if id_ not in self._entries:
                self._entries[id_] = entry
                kinds = self._texts[self._index_of(entry.text)]
                kinds.setdefault((entry.task_id, entry.action), {})[id_] = entry

    def _remove(self, entry: MemoryEntry) -> None:
        kinds, kind = self._texts[self._indices[entry.text]], (entry.task_id, entry.action)
        del kinds[kind][entry.id]
        if not kinds[kind]:
            del kinds[kind]

    def closest(self, text: str, limit: int) -> list[MemoryEntry]:
        """Return up to `limit` memories with similar sentences: first the most similar one of every task, and so on."""
        by_task: dict[int, list[MemoryEntry]] = {}
        for index in self._ranked(text)[:64]:
            newest = [next(reversed(group.values())) for group in self._texts[index].values()]
            for entry in sorted(newest, key=_age):
                by_task.setdefault(entry.task_id, []).append(entry)
        rounds = zip_longest(*by_task.values())
        entries = [entry for round_ in rounds for entry in round_ if entry is not None]
        return entries[:limit]

    def _ranked(self, text: str) -> list[int]:
        """Return the indices of similar sentences, by descending Jaccard similarity of their words to `text`."""
        words = set(text.split())
        shared = np.zeros(len(self._texts), dtype=np.int64)  # (N,), N sentences: number of words in common
        for word in words:
            shared[self._sentences_with(word)] += 1
        similarity = shared / np.maximum(np.array(self._sizes, dtype=np.int64) + len(words) - shared, 1)  # (N,)
        if (same := self._indices.get(text)) is not None:
            similarity[same] = 2.0  # before sentences of the same words in another order
        order = np.argsort(-similarity, kind="stable")
        return [int(index) for index in order[:256] if similarity[index] >= _MIN_SIMILARITY and self._texts[index]]

    def _sentences_with(self, word: str) -> NDArray[np.int64]:
        """Return the indices of the sentences with this word, shape (K,)."""
        indices = self._by_word.get(word, [])
        cached = self._arrays.get(word)
        if cached is None or len(cached) != len(indices):
            cached = self._arrays[word] = np.array(indices, dtype=np.int64)
        return cached

    def _index_of(self, text: str) -> int:
        if text not in self._indices:
            self._indices[text] = index = len(self._texts)
            self._texts.append({})
            words = set(text.split())
            self._sizes.append(len(words))
            for word in words:
                self._by_word.setdefault(word, []).append(index)
        return self._indices[text]


def _age(entry: MemoryEntry) -> int:
    return -entry.id
