"""Knowledge: sentences outside of the weights, with evidence, which are retrieved into the prompt."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


class Encoder(ABC):
    """Places a sentence in a space where like sentences are near.

    It must stay as it is while the agent learns: what was written early is compared with what is asked late. A
    pretrained model's sentence embedding fits here as well as counting n-grams.
    """

    size: int
    """Dimensions, D."""

    @abstractmethod
    def embed(self, sentence: str) -> Vector:
        """Return (D,) of length 1, or of length 0 for a sentence without a word."""
