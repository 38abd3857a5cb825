"""Finds the memories that are most like a sentence, fast enough to ask several times a second."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from agents.events import MemoryEntry

_ALIKE = 0.5


class NearestMemories:
    """An index from words to remembered sentences, kept up to date by differences."""

    def __init__(self) -> None:
        self._entries: dict[int, MemoryEntry] = {}
        self._places: dict[str, int] = {}
        self._texts: list[dict[tuple[int, str], dict[int, MemoryEntry]]] = []
        """What is remembered under each sentence, by task and action, oldest first."""
        self._sizes: list[int] = []
        self._by_word: dict[str, list[int]] = {}
        self._arrays: dict[str, NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def hold(self, entries: Iterable[MemoryEntry]) -> None:
        """Hold exactly these entries; only what differs from before costs time."""
        wanted = {entry.id: entry for entry in entries}
        for id_ in [id_ for id_ in self._entries if id_ not in wanted]:
            self._drop(self._entries.pop(id_))
        for id_, entry in wanted.items():
            if id_ not in self._entries:
                self._entries[id_] = entry
                kinds = self._texts[self._place(entry.text)]
                kinds.setdefault((entry.task_id, entry.action), {})[id_] = entry

    def _drop(self, entry: MemoryEntry) -> None:
        kinds, kind = self._texts[self._places[entry.text]], (entry.task_id, entry.action)
        del kinds[kind][entry.id]
        if not kinds[kind]:
            del kinds[kind]

    def closest(self, text: str, limit: int) -> list[MemoryEntry]:
        """Return up to `limit` entries that share most words with `text`: the nearest of every task first."""
        by_task: dict[int, list[MemoryEntry]] = {}
        for place in self._ranked(text)[:64]:
            newest = [next(reversed(alike.values())) for alike in self._texts[place].values()]
            for entry in sorted(newest, key=_age):
                by_task.setdefault(entry.task_id, []).append(entry)
        rounds = zip_longest(*by_task.values())
        found = [entry for turn in rounds for entry in turn if entry is not None]
        return found[:limit]

    def _ranked(self, text: str) -> list[int]:
        """Return the places of sentences that are alike (Jaccard's index of their words), the nearest first."""
        words = set(text.split())
        shared = np.zeros(len(self._texts), dtype=np.int64)
        for word in words:
            shared[self._array(word)] += 1
        alike = shared / np.maximum(np.array(self._sizes, dtype=np.int64) + len(words) - shared, 1)
        if (same := self._places.get(text)) is not None:
            alike[same] = 2.0
        order = np.argsort(-alike, kind="stable")
        return [int(place) for place in order[:256] if alike[place] >= _ALIKE and self._texts[place]]

    def _array(self, word: str) -> NDArray[np.int64]:
        places = self._by_word.get(word, [])
        known = self._arrays.get(word)
        if known is None or len(known) != len(places):
            known = self._arrays[word] = np.array(places, dtype=np.int64)
        return known

    def _place(self, text: str) -> int:
        if text not in self._places:
            self._places[text] = place = len(self._texts)
            self._texts.append({})
            words = set(text.split())
            self._sizes.append(len(words))
            for word in words:
                self._by_word.setdefault(word, []).append(place)
        return self._places[text]


def _age(entry: MemoryEntry) -> int:
    return -entry.id
