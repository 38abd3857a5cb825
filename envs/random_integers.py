"""Small whole numbers by chance, cheap enough to roll at every reset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

BLOCK = 64
"""Numbers drawn at once: a single draw through NumPy costs ten times as much."""


class RandomIntegers:
    """Rolls numbers from a generator, which is read in blocks."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._before: Any = None
        self._block: list[float] = []

    def pick(self, count: int) -> int:
        """Return one of 0 ... count - 1, each equally likely."""
        if not self._block:
            self._draw()
        return int(self._block.pop() * count)

    def _draw(self) -> None:
        self._before = self._generator.bit_generator.state
        self._block = self._generator.random(BLOCK).tolist()

    def get_state(self) -> dict[str, Any]:
        """Return where the generator stood before the block at hand, and how much of the block is left."""
        before = self._before if self._block else self._generator.bit_generator.state
        return {"generator": before, "left": len(self._block)}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Roll on exactly as the dice that `get_state` was taken from."""
        self._generator.bit_generator.state = state["generator"]
        self._block = []
        if state["left"]:
            self._draw()
            del self._block[state["left"] :]
