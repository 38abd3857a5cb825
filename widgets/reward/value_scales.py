"""How values are laid on the y axis: as they are, or logarithmically, below zero as well as above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class ValueScale:
    """A map from values to places on the axis, and back."""

    place: Callable[[Numbers], Numbers]
    value: Callable[[float], float]

    def tick(self, place: float) -> str:
        """Write the value at a place of the axis."""
        return f"{self.value(place):.3g}"


def _log(values: Numbers) -> Numbers:
    return np.asarray(np.sign(values) * np.log10(1 + np.abs(values)))


LINEAR = ValueScale(lambda values: values, lambda place: place)
LOGARITHMIC = ValueScale(_log, lambda place: float(np.sign(place) * (10 ** abs(place) - 1)))
"""sign(y) · log₁₀(1 + |y|): reward may be zero or negative, where a plain logarithm ends."""
