"""The settings of pretraining. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """With the same recipe come the same weights, to the last bit on one kind of machine."""

    steps: int = 3_000
    """Gradient steps."""
    seed: int = 0
    """Seeds play, weights and minibatches."""
    expert: float = 0.5
    """Part of the steps in the worlds that scripted experts take."""
    lines: int = 120_000
    """Steps that are played in all worlds together; what comes twice is read as one line."""
