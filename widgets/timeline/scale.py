"""Conversion between environment steps and pixels, round numbers, and short forms of step counts."""

from __future__ import annotations

import math
from dataclasses import dataclass

TICK_GAP = 72
"""Minimum distance between the ruler's labels, in pixels."""
SNAP_GAP = 4
"""Minimum distance between the round numbers that a dragged edge snaps to, in pixels."""
UNITS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A linear map from steps to pixels."""

    left: float = 0.0
    """The x coordinate of step `first`."""
    first: float = 0.0
    """Step at the left edge."""
    rate: float = 0.01
    """Pixels per step."""

    def x(self, step: float) -> float:
        """Return the x coordinate of a step."""
        return self.left + (step - self.first) * self.rate

    def step(self, x: float) -> float:
        """Return the step at pixel `x`."""
        return self.first + (x - self.left) / self.rate

    def ticks(self, right: float) -> range:
        """Return the round steps at which a ruler that ends at pixel `right` has labels."""
        gap = nice(TICK_GAP / self.rate)
        start = max(0, math.ceil(self.first / gap) * gap)
        return range(start, int(self.step(right)) + 1, gap)

    def snap(self, steps: float) -> int:
        """Round a number of steps to the resolution of this scale; at least 1."""
        gap = nice(SNAP_GAP / self.rate)
        return max(round(steps / gap) * gap, 1)


def nice(steps: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50 ... that is at least `steps`."""
    power = 10 ** max(math.floor(math.log10(max(steps, 1))), 0)
    return next(int(power * digit) for digit in (1, 2, 5, 10) if power * digit >= steps)


def tenth(steps: int) -> int:
    """Return the largest of 1, 2, 5, 10, 20, 50 ... that is at most a tenth of `steps`."""
    share = max(steps / 10, 1)
    power = int(10 ** math.floor(math.log10(share)))
    return next(power * digit for digit in (5, 2, 1) if power * digit <= share)


def short(steps: int) -> str:
    """Format a number of steps as on the ruler: 500, 1.5k, 20k, 2M."""
    for size, unit in UNITS:
        if steps >= size:
            return f"{steps / size:.1f}".removesuffix(".0") + unit
    return str(steps)
