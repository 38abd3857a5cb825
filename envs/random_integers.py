"""Uniform random integers, drawn in blocks so that a reset can afford many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

BLOCK = 64
"""Numbers drawn at once: a single draw through NumPy costs ten times as much per number."""


class RandomIntegers:
    """Draws integers from a NumPy generator, `BLOCK` numbers at a time."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._block_state: Any = None  # the generator's state before the current block
        self._block: list[float] = []

    def pick(self, count: int) -> int:
        """Return a uniform integer from 0 to `count` - 1."""
        if not self._block:
            self._draw()
        return int(self._block.pop() * count)

    def _draw(self) -> None:
        self._block_state = self._generator.bit_generator.state
        self._block = self._generator.random(BLOCK).tolist()

    def get_state(self) -> dict[str, Any]:
        """Return the generator's state before the current block, and how many numbers of the block are left."""
        state = self._block_state if self._block else self._generator.bit_generator.state
        return {"generator": state, "left": len(self._block)}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state from `get_state`: the same numbers follow."""
        self._generator.bit_generator.state = state["generator"]
        self._block = []
        if state["left"]:
            self._draw()
            del self._block[state["left"] :]
