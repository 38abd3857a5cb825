"""Knowledge: sentences outside of the weights, with evidence, which are retrieved into the prompt.

Shapes: D dimensions of an embedding, N entries of an index.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""A sentence embedding, (D,)."""


class Encoder(ABC):
    """Embeds sentences so that similar ones have a high cosine.

    It must not change during training, since embeddings from different times are compared. Besides n-gram counts, the
    sentence embedding of a pretrained model can be used.
    """

    size: int
    """D, the number of dimensions."""

    @abstractmethod
    def embed(self, sentence: str) -> Vector:
        """Return the embedding (D,), of norm 1, or 0 for a sentence without words."""
