"""Numbers as words: each number of an observation falls into a bin, and each bin has a phrase."""

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
    """How one number is said."""

    edges: tuple[float, ...] | None
    """Where one bin ends and the next begins; None: the number is a bin itself."""
    phrases: tuple[str, ...]
    """What is said for each bin, such as ` cart two left`."""

    def phrase_for(self, number: float) -> str:
        """Return the phrase for `number`."""
        return self.phrases[int(number) if self.edges is None else bisect_right(self.edges, number)]


def counted(dimension: Dimension, count: int) -> Binning:
    """Return the scale of a whole number from 0 to `count` - 1."""
    words = dimension.words or tuple(_number(value) for value in range(count))
    return Binning(None, _phrases(dimension, words))


def measured(dimension: Dimension, edges: Sequence[float]) -> Binning:
    """Return the scale of a real number whose bins end at `edges`."""
    bins = len(edges) + 1
    words = dimension.words
    if len(words) != bins:
        words = _sided(dimension, bins) if dimension.sides else tuple(_number(value) for value in range(bins))
    return Binning(tuple(edges), _phrases(dimension, words))


def _phrases(dimension: Dimension, words: Sequence[str]) -> tuple[str, ...]:
    start = " ." if dimension.clause else ""
    return tuple(f"{start} {dimension.name} {word}" for word in words)


def _number(value: int) -> str:
    return NUMBERS[value] if value < len(NUMBERS) else " ".join(NUMBERS[int(digit)] for digit in str(value))


def _sided(dimension: Dimension, bins: int) -> tuple[str, ...]:
    """Return words such as `two left`, `one left`, `centre`, `one right`, `two right`."""
    assert dimension.sides is not None
    less, more = dimension.sides
    numbers = NUMBERS[1 : bins // 2 + 1]
    middle = [dimension.middle] if bins % 2 else []
    return (*(f"{number} {less}" for number in reversed(numbers)), *middle, *(f"{number} {more}" for number in numbers))


def curved_edges(dimension: Dimension, bins: int) -> list[float]:
    """Return edges that lie evenly on both sides of the centre, closer together near it if the curve says so."""
    assert dimension.span is not None
    offsets = (np.arange(1, bins) - bins / 2) / (bins / 2)
    return list((dimension.centre + dimension.span * np.sign(offsets) * np.abs(offsets) ** dimension.curve).tolist())


def lived_edges(numbers: NDArray[np.float64], low: float, high: float, bins: int) -> list[float]:
    """Return edges for what was met in random play, half way to even ones where the range is known to be finite."""
    parts = np.arange(1, bins) / bins
    edges = np.quantile(numbers, parts)
    if abs(low) < 1e6 and abs(high) < 1e6:
        edges = (edges + low + parts * (high - low)) / 2
    return list(edges.tolist())
