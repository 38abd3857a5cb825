"""Incremental smoothing of a curve as in Weights & Biases.

The time-weighted exponential moving average: a value's weight decays with its distance on the
x axis, not with the number of points between, so that the smoothing does not depend on how
densely points are spaced. With s = √weight per thousandth of the axis,

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
"""Values of a block stay below e^200, far below the float64 limit of about e^709."""


class Smoother:
    """Smooths values as they come; `weight` is in [0, 1), `span` is the length of the x axis."""

    def __init__(self, weight: float, span: float) -> None:
        if not 0 <= weight < 1:
            raise ValueError(f"the weight of smoothing must be in [0, 1), got {weight}")
        per_thousandth = min(math.sqrt(weight), _STRONGEST)
        self._rate = -math.log(per_thousandth) * 1_000 / max(span, 1e-12) if weight else math.inf
        self._x = 0.0
        self._sum = self._weight = 0.0

    def extend(self, x: Values, y: Values) -> Values:
        """Return the smoothed values of the next N points, (N,); `x`, (N,), must not decrease."""
        if self._rate == math.inf:
            return np.array(y, dtype=float)
        return np.concatenate([self._block(x[part], y[part]) for part in self._parts(x)] or [np.empty(0)])

    def _parts(self, x: Values) -> list[slice]:
        """Divide the points into blocks whose exponents stay below the limit."""
        if not len(x):
            return []
        blocks = np.floor((x - x[0]) * self._rate / _LARGEST_EXPONENT)
        cuts = [0, *(np.flatnonzero(np.diff(blocks)) + 1), len(x)]
        return [slice(int(start), int(end)) for start, end in pairwise(cuts)]

    def _block(self, x: Values, y: Values) -> Values:
        decay = math.exp(-(float(x[0]) - self._x) * self._rate) if self._weight else 0.0
        growth = np.exp((x - x[0]) * self._rate)
        sums = self._sum * decay + np.cumsum(growth * y)
        weights = self._weight * decay + np.cumsum(growth)
        self._x = float(x[-1])
        self._sum, self._weight = float(sums[-1] / growth[-1]), float(weights[-1] / growth[-1])
        return np.asarray(sums / weights, dtype=float)
