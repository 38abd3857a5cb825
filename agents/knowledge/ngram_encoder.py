"""Encode sentences as hashed, signed n-gram counts (Weinberger et al., 2009)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from zlib import crc32

import numpy as np

from agents.knowledge import Encoder, Vector
from envs.words import split

SIZE = 256
WORD, PAIR, PIECE = 1.0, 0.5, 0.25
"""What a word, two words in a row, and three letters of a word count."""
FAINT = frozenset(["a", "an", "and", "in", "is", "it", "of", "on", "the", "to", ".", ",", ":", ";", "!", "?"])
"""Words that are in every sentence and tell little apart."""
FAINT_WORD = 0.1
_SIGN = 1 << 31
_REMEMBERED = 50_000


class HashedNgrams(Encoder):
    """Needs no download and never changes: equal sentences have cosine 1, those that share no n-gram one near 0."""

    size = SIZE

    def __init__(self) -> None:
        self._known: dict[str, Vector] = {}

    def embed(self, sentence: str) -> Vector:
        """Return (D,) of length 1; equal sentences are taken apart once."""
        if (vector := self._known.get(sentence)) is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            vector = self._known[sentence] = _folded(sentence)
        return vector


def _folded(sentence: str) -> Vector:
    vector = np.zeros(SIZE, dtype=np.float32)
    for gram, weight in _grams(split(sentence)):
        code = crc32(gram.encode())
        vector[code % SIZE] += weight if code & _SIGN else -weight
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length else vector


def _grams(words: list[str]) -> Iterator[tuple[str, float]]:
    for word in words:
        if word in FAINT:
            yield word, FAINT_WORD
            continue
        yield word, WORD
        framed = f"<{word}>"
        yield from ((f"#{framed[start : start + 3]}", PIECE) for start in range(len(framed) - 2))
    yield from ((f"{one} {other}", PAIR) for one, other in pairwise(words) if {one, other} - FAINT)
