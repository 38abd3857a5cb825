"""A 2-D projection of a knowledge base's embeddings.

Shapes: N entries, D dimensions of an embedding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.events import KnowledgeEntry
from agents.knowledge import Encoder
from agents.knowledge.vector_index import VectorIndex


class EmbeddingMap:
    """Embeds entries incrementally, a limited number per call, since embedding thousands takes noticeable time."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._index = VectorIndex(encoder.size)

    @property
    def ids(self) -> list[int]:
        """Ids of the embedded entries, in the order of the rows of `plane`."""
        return self._index.ids

    def update(self, entries: Sequence[KnowledgeEntry], limit: int) -> bool:
        """Remove all entries but these, embed up to `limit` new ones, and return whether all are embedded now."""
        wanted = {entry.id for entry in entries}
        known = set(self._index.ids)
        for id_ in known - wanted:
            self._index.drop(id_)
        missing = [entry for entry in entries if entry.id not in known]
        for entry in missing[:limit]:
            self._index.put(entry.id, self._encoder.embed(entry.sentence), searchable=True)
        return len(missing) <= limit

    def nearest(self, sentence: str, limit: int, min_similarity: float) -> dict[int, float]:
        """Return up to `limit` entries of at least this cosine to `sentence`, as id to cosine, nearest first."""
        near = self._index.nearest(self._encoder.embed(sentence), limit, every=True)
        return {id_: cosine for id_, cosine in near if cosine >= min_similarity}

    def plane(self) -> NDArray[np.float32]:
        """Return the embeddings, (N, 2), projected on their first two principal components."""
        return principal_plane(self._index.vectors)


def principal_plane(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Project vectors (N, D) on their first two principal components, (N, 2).

    Each component's sign is chosen so that its largest element in magnitude is positive.
    """
    if not len(vectors):
        return np.zeros((0, 2), dtype=np.float32)
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, :-3:-1]  # (D, 2): `eigh` sorts eigenvalues in ascending order
    projected: NDArray[np.float32] = centred @ (axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(2)]))
    return projected
