"""Binning: each number of an observation falls into a bin, and each bin has a phrase."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envs.gym_worlds.phrases import Dimension
from envs.words import NUMBERS


@dataclass(frozen=True, slots=True)
class Binning:
    """Maps one number of an observation to a phrase."""

    edges: tuple[float, ...] | None
    """Ascending boundaries between bins; None for integers, which are bins themselves."""
    phrases: tuple[str, ...]
    """Phrase of each bin, such as ` cart two left`."""

    def phrase_for(self, number: float) -> str:
        """Return the phrase for `number`."""
        return self.phrases[int(number) if self.edges is None else bisect_right(self.edges, number)]


def integer_binning(dimension: Dimension, count: int) -> Binning:
    """Return the binning of an integer from 0 to `count` - 1."""
    words = dimension.words or tuple(_number_words(value) for value in range(count))
    return Binning(None, _phrases(dimension, words))


def real_binning(dimension: Dimension, edges: Sequence[float]) -> Binning:
    """Return the binning of a real number with bins between `edges`."""
    bins = len(edges) + 1
    words = dimension.words
    if len(words) != bins:
        words = (
            _sided_words(dimension, bins) if dimension.sides else tuple(_number_words(value) for value in range(bins))
        )
    return Binning(tuple(edges), _phrases(dimension, words))


def _phrases(dimension: Dimension, words: Sequence[str]) -> tuple[str, ...]:
    start = " ." if dimension.clause else ""
    return tuple(f"{start} {dimension.name} {word}" for word in words)


def _number_words(value: int) -> str:
    return NUMBERS[value] if value < len(NUMBERS) else " ".join(NUMBERS[int(digit)] for digit in str(value))


def _sided_words(dimension: Dimension, bins: int) -> tuple[str, ...]:
    """Return words such as `two left`, `one left`, `centre`, `one right`, `two right`."""
    assert dimension.sides is not None
    less, more = dimension.sides
    numbers = NUMBERS[1 : bins // 2 + 1]
    middle = [dimension.middle] if bins % 2 else []
    return (*(f"{number} {less}" for number in reversed(numbers)), *middle, *(f"{number} {more}" for number in numbers))


def curved_edges(dimension: Dimension, bins: int) -> list[float]:
    """Return `bins` - 1 edges symmetric about the centre; with a `curve` above 1 they are denser near it."""
    assert dimension.span is not None
    offsets = (np.arange(1, bins) - bins / 2) / (bins / 2)
    return list((dimension.centre + dimension.span * np.sign(offsets) * np.abs(offsets) ** dimension.curve).tolist())


def quantile_edges(numbers: NDArray[np.float64], low: float, high: float, bins: int) -> list[float]:
    """Return `bins` - 1 edges at the quantiles of `numbers` (N,), which N steps of random play observed.

    Between finite bounds they are averaged with evenly spaced edges, so that rare values get bins, too.
    """
    fractions = np.arange(1, bins) / bins  # (bins - 1,)
    edges = np.quantile(numbers, fractions)
    if abs(low) < 1e6 and abs(high) < 1e6:
        edges = (edges + low + fractions * (high - low)) / 2
    return list(edges.tolist())
