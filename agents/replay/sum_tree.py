"""A sum tree: sample an index in proportion to its priority in O(log n)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Weights = NDArray[np.float64]


class SumTree:
    """`size` leaves of weight 0 at first. Node 1 is the root; the children of node i are 2i and 2i + 1."""

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
        """The weight of each leaf."""
        return self._sums[self._half : self._half + self._size]

    def weigh(self, rows: Rows, weights: Weights) -> None:
        """Give the leaves at `rows` these weights; of a row that comes twice, the last counts."""
        self._sums[rows + self._half] = weights
        nodes = np.unique((rows + self._half) // 2)
        while nodes[0] >= 1:
            self._sums[nodes] = self._sums[2 * nodes] + self._sums[2 * nodes + 1]
            if nodes[0] == 1:
                return
            nodes = np.unique(nodes // 2)

    def find(self, marks: Weights) -> Rows:
        """Return for each mark in [0, total) the leaf in whose stretch it lies, leaves lying side by side."""
        nodes, rest = np.ones(len(marks), dtype=np.int64), marks.copy()
        while nodes[0] < self._half:
            left = 2 * nodes
            # a mark that rounding pushed past the end must not fall into a leaf of weight 0
            right = (rest >= self._sums[left]) & (self._sums[left + 1] > 0)
            rest -= np.where(right, self._sums[left], 0.0)
            nodes = left + right
        return nodes - self._half
