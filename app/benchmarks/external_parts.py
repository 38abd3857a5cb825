"""Is every faulty external environment and model reported, without harm to anything else?"""

from __future__ import annotations

from agents.benchmarks.report.figure import Figure
from app.benchmarks import external_models, external_worlds


def measure(
    worlds: int = 200, models: int = 100, controls: int = 20, patience: float = 30.0, seed: int = 0
) -> tuple[Figure, ...]:
    """Test generated `worlds` and `models` with one defect each, and `controls` of each without a defect.

    A world that hangs is reported after `patience` seconds. `seed` determines all of them.
    """
    found: tuple[Figure, ...] = ()
    if worlds:
        found += tuple(external_worlds.figures(worlds, controls, patience, seed))
    if models:
        found += external_models.figures(models, controls, seed)
    return found
