"""n-gram language models as the baseline of a pretrained model's perplexity. Shape: T tokens in a line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Tokens = Sequence[Sequence[int]]
"""One sequence of token ids per line."""


class Unigram:
    """Relative frequencies of tokens, with add-one smoothing (Laplace)."""

    def __init__(self, lines: Tokens, vocabulary: int) -> None:
        counts = np.bincount([token for line in lines for token in line[1:]], minlength=vocabulary) + 1
        self._probabilities: NDArray[np.float64] = counts / counts.sum()

    def log_probs(self, line: Sequence[int]) -> NDArray[np.float64]:
        """Return the log-probability of each token but the first, (T - 1,)."""
        result: NDArray[np.float64] = np.log(self._probabilities[np.asarray(line[1:])])
        return result


class Bigram:
    """Relative frequencies of token pairs, smoothed by the unigram as one more observation (MacKay & Peto, 1995)."""

    def __init__(self, lines: Tokens, vocabulary: int) -> None:
        self._unigram = Unigram(lines, vocabulary)
        self._pairs = np.zeros((vocabulary, vocabulary))
        for line in lines:
            np.add.at(self._pairs, (np.asarray(line[:-1]), np.asarray(line[1:])), 1)
        self._totals = self._pairs.sum(1)

    def log_probs(self, line: Sequence[int]) -> NDArray[np.float64]:
        """Return the log-probability of each token but the first, (T - 1,)."""
        before, after = np.asarray(line[:-1]), np.asarray(line[1:])
        prior = np.exp(self._unigram.log_probs(line))
        result: NDArray[np.float64] = np.log((self._pairs[before, after] + prior) / (self._totals[before] + 1))
        return result


def perplexity(model: Unigram | Bigram, lines: Tokens) -> float:
    """Return exp of the mean negative log-probability of all tokens but the first of each line."""
    result = np.concatenate([model.log_probs(line) for line in lines])
    return float(np.exp(-result.mean()))
