"""A 2-D projection of a knowledge base's embeddings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.events import KnowledgeEntry
from agents.knowledge import Encoder
from agents.knowledge.vector_index import VectorIndex


class EmbeddingMap:
    """Follows what is known by differences, so many sentences at a time: embedding thousands takes a while."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._index = VectorIndex(encoder.size)

    @property
    def ids(self) -> list[int]:
        """Entries that have a place, a row of `plane` each."""
        return self._index.ids

    def hold(self, entries: Sequence[KnowledgeEntry], most: int) -> bool:
        """Hold these entries and no others, placing up to `most` new ones; return whether all have their place."""
        wanted = {entry.id for entry in entries}
        known = set(self._index.ids)
        for id_ in known - wanted:
            self._index.drop(id_)
        missing = [entry for entry in entries if entry.id not in known]
        for entry in missing[:most]:
            self._index.put(entry.id, self._encoder.embed(entry.sentence), offered=True)
        return len(missing) <= most

    def nearest(self, meaning: str, limit: int, closeness: float) -> dict[int, float]:
        """Return the cosines of up to `limit` entries that are at least so near in meaning, by id, nearest first."""
        near = self._index.nearest(self._encoder.embed(meaning), limit, every=True)
        return {id_: cosine for id_, cosine in near if cosine >= closeness}

    def plane(self) -> NDArray[np.float32]:
        """Return (N, 2), the two directions in which the embeddings differ most (principal components)."""
        return principal_plane(self._index.vectors)


def principal_plane(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (N, 2): projected on the first two principal components, each turned so that its most is positive."""
    if not len(vectors):
        return np.zeros((0, 2), dtype=np.float32)
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, :-3:-1]
    found: NDArray[np.float32] = centred @ (axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(2)]))
    return found
