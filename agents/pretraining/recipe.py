"""The settings of pretraining, importable without torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of a pretraining run; equal settings give bit-identical weights on machines of the same kind."""

    steps: int = 3_000
    """Gradient steps."""
    seed: int = 0
    """Seed of corpus, initial weights and minibatches."""
    expert: float = 0.5
    """Fraction of the corpus's steps that scripted experts take."""
    lines: int = 120_000
    """Environment steps in all tasks together; equal lines are kept once."""
