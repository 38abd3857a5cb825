"""Scales of the y axis: linear, and a symmetric logarithm for positive and negative values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class ValueScale:
    """A map from values to positions on the axis, and its inverse."""

    position: Callable[[Numbers], Numbers]
    value: Callable[[float], float]

    def tick(self, position: float) -> str:
        """Return the label at a position of the axis."""
        return f"{self.value(position):.3g}"


def _log(values: Numbers) -> Numbers:
    return np.asarray(np.sign(values) * np.log10(1 + np.abs(values)))


LINEAR = ValueScale(lambda values: values, lambda position: position)
LOGARITHMIC = ValueScale(_log, lambda position: float(np.sign(position) * (10 ** abs(position) - 1)))
"""sign(y) · log₁₀(1 + |y|): unlike a plain logarithm, it is defined for zero and negative rewards."""
