"""Choose avalanche's settings like ours, on validation images: python -m agents.benchmarks.digits.avalanche_sweep.

Settings that have the same meaning on both sides are not searched: memory size, and the weight of old tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from agents.benchmarks.digits import avalanche, sweep
from agents.benchmarks.digits.sweep import Rows

TABLE = "avalanche.toml"
GRID: Mapping[str, Mapping[str, Rows]] = {
    "permuted": {
        "ewc": [{"ewc_lambda": strength} for strength in (300.0, 600.0, 1_000.0, 2_000.0, 3_000.0, 6_000.0)],
        "ewc_by_image": [{"ewc_lambda": strength} for strength in (6.0, 10.0, 20.0, 30.0, 60.0, 100.0)],
        "si": [{"si_lambda": 30.0, "eps": 1e-3}],  # the penalty is always 0, so every strength gives the same result
        "si_copied": [{"si_lambda": strength, "eps": 1e-3} for strength in (6.0, 10.0, 20.0, 30.0, 60.0, 100.0)],
        "si_uncapped": [{"si_lambda": strength, "eps": 1e-3} for strength in (0.03, 0.06, 0.1, 0.2, 0.3, 0.6)],
        "replay": [{}],
    },
    # α of ours is a share, theirs a weight: (1 - 0.1) / 0.1
    "split": {"lwf": [{"alpha": 9.0, "temperature": 2.0}]},
}


def settings() -> dict[str, Any]:
    """Return the stored best settings of avalanche's strategies, by task sequence and key of `STRATEGIES`."""
    return sweep.settings(TABLE)


def main() -> None:
    """Evaluate every row of the grid with the seeds of our own sweep, and store the best rows."""
    torch.set_num_threads(1)
    avalanche.require()
    table = sweep.best_settings(GRID, avalanche.learn, "avalanche, ")
    sweep.store(table, TABLE, "agents.benchmarks.digits.avalanche_sweep")


if __name__ == "__main__":
    main()
