"""A sum tree: sample an index in proportion to its priority in O(log n). Shapes: K leaves, B indices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Weights = NDArray[np.float64]


class SumTree:
    """A binary tree of K = `size` leaves, initially 0, in one array; inner nodes hold the sum of their children.

    Node 1 is the root; the children of node i are 2i and 2i + 1.
    """

    def __init__(self, size: int) -> None:
        self._half = 1 << max(size - 1, 1).bit_length()
        self._size = size
        self._sums: Weights = np.zeros(2 * self._half)

    @property
    def total(self) -> float:
        """The sum of all leaves."""
        return float(self._sums[1])

    @property
    def leaves(self) -> Weights:
        """The weight of each leaf, (K,)."""
        return self._sums[self._half : self._half + self._size]

    def update(self, rows: Rows, weights: Weights) -> None:
        """Set the leaves at `rows` (B,) to `weights` (B,); of a row that occurs twice, the last counts."""
        self._sums[rows + self._half] = weights
        # level by level, recompute the parents of what has changed
        nodes = np.unique((rows + self._half) // 2)
        while nodes[0] >= 1:
            self._sums[nodes] = self._sums[2 * nodes] + self._sums[2 * nodes + 1]
            if nodes[0] == 1:
                return
            nodes = np.unique(nodes // 2)

    def find(self, positions: Weights) -> Rows:
        """Return the leaves (B,) at `positions` (B,) in [0, total), where leaves lie end to end by their weights."""
        nodes, remainder = np.ones(len(positions), dtype=np.int64), positions.copy()
        while nodes[0] < self._half:
            left = 2 * nodes
            # a position that rounding pushed past the end must not select a leaf of weight 0
            right = (remainder >= self._sums[left]) & (self._sums[left + 1] > 0)
            remainder -= np.where(right, self._sums[left], 0.0)
            nodes = left + right
        return nodes - self._half
