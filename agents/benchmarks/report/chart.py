"""The learning curves behind a benchmark's figures, as data, one for each seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Points = Sequence[tuple[float, float]]
"""x and y of one seed, x rising."""


@dataclass(frozen=True, slots=True)
class Series:
    """One learner: a value at each x, with each seed."""

    name: str
    x: tuple[float, ...]
    runs: tuple[tuple[float, ...], ...]
    """A row a seed; one that ended early is shorter than `x`."""
    is_control: bool = False

    def __post_init__(self) -> None:
        longest = max(map(len, self.runs), default=0)
        if longest != len(self.x):
            raise ValueError(f"{self.name}: {len(self.x)} places on the x axis, but the longest run has {longest}")


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves that belong together."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]


def curve(name: str, seeds: Sequence[Points], *, is_control: bool = False) -> Series:
    """Return a series of what was seen with each seed.

    The seed that was looked at longest says where; the others are read off there, between their own looks. Looks that
    saw no number are left out.
    """
    seeds = [[(x, y) for x, y in points if math.isfinite(y)] for points in seeds]
    longest = max(seeds, key=lambda points: points[-1][0])
    places = np.array([x for x, _ in longest], dtype=float)
    runs = []
    for points in seeds:
        x, y = np.array(points, dtype=float).T
        runs.append(tuple(np.interp(places[places <= x[-1]], x, y).tolist()))
    return Series(name, tuple(places.tolist()), tuple(runs), is_control)
