"""Choose avalanche's settings as ours, on validation images: python -m agents.benchmarks.digits.avalanche_sweep.

What has a meaning of its own on both sides is not searched: the memory's size, and how much old tasks count beside new.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from agents.benchmarks.digits import avalanche, sweep
from agents.benchmarks.digits.sweep import Row, Rows

TABLE = "avalanche.toml"
GRID: Mapping[str, Mapping[str, Rows]] = {
    "permuted": {
        "ewc": [{"ewc_lambda": strength} for strength in (300.0, 600.0, 1_000.0, 2_000.0, 3_000.0, 6_000.0)],
        "ewc_by_image": [{"ewc_lambda": strength} for strength in (6.0, 10.0, 20.0, 30.0, 60.0, 100.0)],
        "si": [{"si_lambda": 30.0, "eps": 1e-3}],  # no spring forms, so every strength comes to the same
        "si_copied": [{"si_lambda": strength, "eps": 1e-3} for strength in (6.0, 10.0, 20.0, 30.0, 60.0, 100.0)],
        "si_uncapped": [{"si_lambda": strength, "eps": 1e-3} for strength in (0.03, 0.06, 0.1, 0.2, 0.3, 0.6)],
        "replay": [{}],
    },
    # α of ours is a share, theirs a weight: (1 - 0.1) / 0.1
    "split": {"lwf": [{"alpha": 9.0, "temperature": 2.0}]},
}


def settings() -> dict[str, Any]:
    """Return the table that was made last, a guard's settings by its sequence and name."""
    return sweep.settings(TABLE)


def main() -> None:
    """Try every row of the grid with each of the seeds on which ours were chosen, and write down the best."""
    torch.set_num_threads(1)
    avalanche.require()
    table = {
        sequence: {name: dict(_best(sequence, name, rows)) for name, rows in strategies.items()}
        for sequence, strategies in GRID.items()
    }
    sweep.store(table, TABLE, "agents.benchmarks.digits.avalanche_sweep")


def _best(sequence: str, name: str, rows: Rows) -> Row:
    return rows[0] if len(rows) == 1 else sweep.best(sequence, name, rows, avalanche.learn, "avalanche, ")


if __name__ == "__main__":
    main()
