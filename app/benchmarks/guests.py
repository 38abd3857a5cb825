"""What comes from elsewhere and breaks its word is told, and costs nothing else."""

from __future__ import annotations

from agents.benchmarks.figure import Figure
from app.benchmarks import guest_worlds


def measure(worlds: int = 200, controls: int = 20, patience: float = 30.0, seed: int = 0) -> tuple[Figure, ...]:
    """Is every world named that breaks a promise, and what it did, at the cost of its own stage? By a seed."""
    return tuple(guest_worlds.figures(worlds, controls, patience, seed))
