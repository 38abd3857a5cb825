"""Charts: the learning curves behind a benchmark's figures as data, one row per seed."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Points = Sequence[tuple[float, float]]
"""The curve of one seed as (x, y) pairs, x ascending."""


@dataclass(frozen=True, slots=True)
class Series:
    """The curves of one learner, sampled at the same x for every seed."""

    name: str
    x: tuple[float, ...]
    runs: tuple[tuple[float, ...], ...]
    """The y values of each seed; a run that ended early has fewer than `x`."""
    is_control: bool = False

    def __post_init__(self) -> None:
        longest = max(map(len, self.runs), default=0)
        if longest != len(self.x):
            raise ValueError(f"{self.name}: {len(self.x)} values of x, but the longest run has {longest}")


@dataclass(frozen=True, slots=True)
class Chart:
    """Series that are drawn on the same axes."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]


def curve_chart(
    title: str, x_label: str, y_label: str, curves: Mapping[str, Sequence[Points]], controls: Container[str] = ()
) -> Chart:
    """Return a chart with a series for each learner, from its curves by seed; `controls` names the controls."""
    series = (curve(name, seeds, is_control=name in controls) for name, seeds in curves.items())
    return Chart(title, x_label, y_label, tuple(series))


def curve(name: str, seeds: Sequence[Points], *, is_control: bool = False) -> Series:
    """Return the curves of all seeds as one series; points whose y is not finite are dropped.

    The x values are those of the longest curve; the others are interpolated linearly at them, up to their own end.
    """
    seeds = [[(x, y) for x, y in points if math.isfinite(y)] for points in seeds]
    longest = max(seeds, key=lambda points: points[-1][0])
    grid = np.array([x for x, _ in longest], dtype=float)
    runs = []
    for points in seeds:
        x, y = np.array(points, dtype=float).T
        runs.append(tuple(np.interp(grid[grid <= x[-1]], x, y).tolist()))
    return Series(name, tuple(grid.tolist()), tuple(runs), is_control)
