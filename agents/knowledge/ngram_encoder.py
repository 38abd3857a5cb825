"""Encode sentences as hashed, signed n-gram counts (Weinberger et al., 2009)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from zlib import crc32

import numpy as np

from agents.knowledge import Encoder, Vector
from envs.words import split

SIZE = 256
"""D, the number of hash buckets."""
WORD, PAIR, TRIGRAM = 1.0, 0.5, 0.25
"""Weights of a word, of two consecutive words, and of three consecutive letters of a word."""
STOP_WORDS = frozenset(["a", "an", "and", "in", "is", "it", "of", "on", "the", "to", ".", ",", ":", ";", "!", "?"])
"""Words that occur in most sentences and hardly distinguish them."""
STOP_WORD = 0.1
"""Weight of a stop word."""
_SIGN = 1 << 31
"""The hash bit that gives the sign."""
_CACHED = 50_000
"""Maximum number of cached sentences."""


class HashedNgrams(Encoder):
    """Needs no download and no training. Equal sentences have cosine 1, those without a common n-gram about 0."""

    size = SIZE

    def __init__(self) -> None:
        self._cache: dict[str, Vector] = {}

    def embed(self, sentence: str) -> Vector:
        """Return the embedding (D,), of norm 1; results are cached by sentence."""
        if (vector := self._cache.get(sentence)) is None:
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            vector = self._cache[sentence] = _hashed(sentence)
        return vector


def _hashed(sentence: str) -> Vector:
    vector = np.zeros(SIZE, dtype=np.float32)
    for gram, weight in _grams(split(sentence)):
        code = crc32(gram.encode())
        vector[code % SIZE] += weight if code & _SIGN else -weight
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length else vector


def _grams(words: list[str]) -> Iterator[tuple[str, float]]:
    for word in words:
        if word in STOP_WORDS:
            yield word, STOP_WORD
            continue
        yield word, WORD
        marked = f"<{word}>"  # so that trigrams at the ends of words differ from those inside
        yield from ((f"#{marked[start : start + 3]}", TRIGRAM) for start in range(len(marked) - 2))
    yield from ((f"{first} {second}", PAIR) for first, second in pairwise(words) if {first, second} - STOP_WORDS)
