"""Units of the x axis of a plot: steps, episodes or time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.story import Story
from widgets.style.numbers import clock, short_count
from widgets.style.translation import tr

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the x axis."""

    key: str
    title: Callable[[], str]
    """Name of the unit, in the current language."""
    tick: Callable[[float], str]
    rows: Callable[[Story], Numbers]
    """Returns the x coordinate of every training episode, shape (N,)."""
    position: Callable[[Story, int], float]
    """Returns the x coordinate of a step of the run."""


def _steps(story: Story) -> Numbers:
    return np.asarray(story.episodes["step"], dtype=float)


def _numbers(story: Story) -> Numbers:
    return np.arange(1, len(story.episodes) + 1, dtype=float)


def _seconds(story: Story) -> Numbers:
    return np.asarray(story.episodes["seconds"], dtype=float)


def _second_of(story: Story, step: int) -> float:
    rows = story.episodes.rows_until(step)
    return float(story.episodes["seconds"][rows - 1]) if rows else 0.0


UNITS: tuple[Unit, ...] = (
    Unit("steps", lambda: tr("steps"), short_count, _steps, lambda story, step: float(step)),
    Unit(
        "episodes",
        lambda: tr("episodes"),
        short_count,
        _numbers,
        lambda story, step: float(story.episodes.rows_until(step)),
    ),
    Unit("time", lambda: tr("time"), clock, _seconds, _second_of),
)
