"""n-gram language models as the baseline of a pretrained model's perplexity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Tokens = Sequence[Sequence[int]]
"""A row of token ids a line."""


class Unigram:
    """How often each word came, whatever stood before it; one more is added to each (Laplace)."""

    def __init__(self, lines: Tokens, vocabulary: int) -> None:
        counts = np.bincount([token for line in lines for token in line[1:]], minlength=vocabulary) + 1
        self._shares: NDArray[np.float64] = counts / counts.sum()

    def log_probs(self, line: Sequence[int]) -> NDArray[np.float64]:
        """Return the log-probability of each token but the first."""
        told: NDArray[np.float64] = np.log(self._shares[np.asarray(line[1:])])
        return told


class Bigram:
    """How often each word followed the one before it, with the unigram as one more sight (MacKay & Peto, 1995)."""

    def __init__(self, lines: Tokens, vocabulary: int) -> None:
        self._alone = Unigram(lines, vocabulary)
        self._pairs = np.zeros((vocabulary, vocabulary))
        for line in lines:
            np.add.at(self._pairs, (np.asarray(line[:-1]), np.asarray(line[1:])), 1)
        self._seen = self._pairs.sum(1)

    def log_probs(self, line: Sequence[int]) -> NDArray[np.float64]:
        """Return the log-probability of each token but the first."""
        before, after = np.asarray(line[:-1]), np.asarray(line[1:])
        prior = np.exp(self._alone.log_probs(line))
        told: NDArray[np.float64] = np.log((self._pairs[before, after] + prior) / (self._seen[before] + 1))
        return told


def perplexity(model: Unigram | Bigram, lines: Tokens) -> float:
    """Return exp of the mean surprise at each token but the first of a line."""
    told = np.concatenate([model.log_probs(line) for line in lines])
    return float(np.exp(-told.mean()))
