"""Smooths a curve the way Weights & Biases does, a piece at a time as the run goes on.

The time-weighted exponential average: a value's weight fades with its distance on the
x axis, not with the number of points between, so that fast and slow stretches of a run
are smoothed alike. With s = √weight per thousandth of the axis,

    y̅ₖ = Σᵢ s^(1000 (xₖ − xᵢ) / span) yᵢ  /  Σᵢ s^(1000 (xₖ − xᵢ) / span),   i ≤ k.

The denominator removes the bias towards zero at the start.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_STRONGEST = 0.9999
_LARGEST_EXPONENT = 200.0
"""Numbers of a block stay below e^200, far from where floats end."""


class Smoother:
    """Remembers where it stopped, so that new points cost nothing but themselves."""

    def __init__(self, weight: float, span: float) -> None:
        if not 0 <= weight < 1:
            raise ValueError(f"the weight of smoothing must be in [0, 1), got {weight}")
        per_thousandth = min(math.sqrt(weight), _STRONGEST)
        self._rate = -math.log(per_thousandth) * 1_000 / max(span, 1e-12) if weight else math.inf
        self._x = 0.0
        self._sum = self._weight = 0.0

    def extend(self, x: Values, y: Values) -> Values:
        """Return the smoothed values of the next points; `x` never falls."""
        if self._rate == math.inf:
            return np.array(y, dtype=float)
        return np.concatenate([self._block(x[part], y[part]) for part in self._parts(x)] or [np.empty(0)])

    def _parts(self, x: Values) -> list[slice]:
        """Cut where the exponents of a block would grow too large."""
        if not len(x):
            return []
        blocks = np.floor((x - x[0]) * self._rate / _LARGEST_EXPONENT)
        cuts = [0, *(np.flatnonzero(np.diff(blocks)) + 1), len(x)]
        return [slice(int(start), int(end)) for start, end in pairwise(cuts)]

    def _block(self, x: Values, y: Values) -> Values:
        fade = math.exp(-(float(x[0]) - self._x) * self._rate) if self._weight else 0.0
        growth = np.exp((x - x[0]) * self._rate)
        sums = self._sum * fade + np.cumsum(growth * y)
        weights = self._weight * fade + np.cumsum(growth)
        self._x = float(x[-1])
        self._sum, self._weight = float(sums[-1] / growth[-1]), float(weights[-1] / growth[-1])
        return np.asarray(sums / weights, dtype=float)
