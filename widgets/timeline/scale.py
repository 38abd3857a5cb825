"""Environment steps to pixels and back, and how to write numbers of steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

TICK_GAP = 72
"""Pixels that a label of the ruler needs."""
SNAP_GAP = 4
"""Pixels within which a dragged edge clings to a round number."""
UNITS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A straight line from steps to pixels."""

    left: float = 0.0
    """Pixel at which `first` lies."""
    first: float = 0.0
    """Step at the left border."""
    rate: float = 0.01
    """Pixels a step."""

    def x(self, step: float) -> float:
        """Return where a step lies."""
        return self.left + (step - self.first) * self.rate

    def step(self, x: float) -> float:
        """Return the step that lies at a pixel."""
        return self.first + (x - self.left) / self.rate

    def ticks(self, right: float) -> range:
        """Return round numbers of steps for a ruler that ends at pixel `right`."""
        gap = nice(TICK_GAP / self.rate)
        start = max(0, math.ceil(self.first / gap) * gap)
        return range(start, int(self.step(right)) + 1, gap)

    def snap(self, steps: float) -> int:
        """Return the nearest number of steps that is round at this scale, at least one."""
        gap = nice(SNAP_GAP / self.rate)
        return max(round(steps / gap) * gap, 1)


def nice(steps: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50 ... that is at least `steps`."""
    power = 10 ** max(math.floor(math.log10(max(steps, 1))), 0)
    return next(int(power * digit) for digit in (1, 2, 5, 10) if power * digit >= steps)


def tenth(steps: int) -> int:
    """Return the greatest of 1, 2, 5, 10, 20, 50 ... that is at most a tenth of `steps`."""
    share = max(steps / 10, 1)
    power = int(10 ** math.floor(math.log10(share)))
    return next(power * digit for digit in (5, 2, 1) if power * digit <= share)


def short(steps: int) -> str:
    """Write a number of steps as on the ruler: 500, 1.5k, 20k, 2M."""
    for size, unit in UNITS:
        if steps >= size:
            return f"{steps / size:.1f}".removesuffix(".0") + unit
    return str(steps)
