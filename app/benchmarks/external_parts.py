"""Is every faulty external environment and model reported, without harm to anything else?"""

from __future__ import annotations

from agents.benchmarks.report.figure import Figure
from app.benchmarks import external_models, external_worlds


def measure(
    worlds: int = 200, models: int = 100, controls: int = 20, patience: float = 30.0, seed: int = 0
) -> tuple[Figure, ...]:
    """Is every world and every model named that is broken, and what is wrong with it, at no cost to anything else?

    So many generated `worlds`, each with one broken promise, and `models`, each with one defect, both by a `seed`;
    `controls` of each are sound. A world that hangs is told of after `patience` seconds.
    """
    found: tuple[Figure, ...] = ()
    if worlds:
        found += tuple(external_worlds.figures(worlds, controls, patience, seed))
    if models:
        found += external_models.figures(models, controls, seed)
    return found
