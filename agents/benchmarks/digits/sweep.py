"""Choose the settings of `bench digits` on the validation images: python -m agents.benchmarks.digits.sweep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tomlkit
import torch
from numpy.typing import NDArray

import resources
from agents.benchmarks.report.progress import print_progress
from agents.supervised.online import learn_online
from agents.supervised.sequence import Budget, DigitArm, learn

FOLDER, TABLE = "benchmarks", "digits.toml"
SEEDS = (100, 101, 102)
"""Disjoint from the seeds of the benchmark."""
BUDGETS: Mapping[str, Budget] = {
    "permuted": Budget(rate=1e-2, epochs=8, minibatch=64),
    # at lower rates, two-way tasks with separate outputs interfere too little for a strategy to help
    "split": Budget(rate=5e-2, epochs=20, minibatch=64),
}
Row = Mapping[str, Any]
Rows = Sequence[Row]
Learn = Callable[..., NDArray[np.float64]]
"""From an arm, a seed and a budget to the evaluation matrix, (K + 1, K) for K tasks."""
GRID: Mapping[str, Mapping[str, Rows]] = {
    "permuted": {
        "ewc": [
            {"strength": strength, "samples": 200, "scaled": scaled}
            for scaled, strengths in ((True, (0.02, 0.05, 0.1, 0.2)), (False, (6.0, 10.0, 20.0, 30.0, 60.0, 100.0)))
            for strength in strengths
        ],
        "si": [{"strength": strength} for strength in (0.01, 0.03, 0.06, 0.1, 0.2, 0.3)],
        "replay": [{"batch_size": rows} for rows in (32, 64, 128)],
    },
    "split": {
        "lwf": [{"alpha": alpha, "batch_size": 32} for alpha in (0.1, 0.2, 0.5)],
        "packnet": [{"keep_ratio": share} for share in (0.2, 0.4)],
    },
}
RATES: Mapping[str, Sequence[float]] = {"sgd": (0.03, 0.1, 0.3), "adam": (1e-3, 3e-3, 1e-2)}


def settings(file: str = TABLE) -> dict[str, Any]:
    """Return the best settings, by task sequence and strategy, and the online learning rates, from a stored table."""
    return tomlkit.parse((resources.path(FOLDER) / file).read_text(encoding="utf-8")).unwrap()


def store(table: Mapping[str, Any], file: str, module: str) -> None:
    """Store a table, with the module that made it as a comment."""
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Chosen on validation images. Made by: python -m {module}"))
    document.update(table)
    (resources.path(FOLDER) / file).write_text(tomlkit.dumps(document), encoding="utf-8")


def best_settings(grid: Mapping[str, Mapping[str, Rows]], learn: Learn, prefix: str = "") -> dict[str, Any]:
    """Return the rows of the grid with the highest mean accuracy at the end, by sequence and strategy."""
    return {
        sequence: {name: dict(_best(sequence, name, rows, learn, prefix)) for name, rows in strategies.items()}
        for sequence, strategies in grid.items()
    }


def main() -> None:
    """Evaluate every row of the grid with each seed, and store the best of each strategy."""
    torch.set_num_threads(1)  # a small network is many times slower on two threads
    table = best_settings(GRID, learn)
    table["online"] = {name: _best_rate(name, rates) for name, rates in RATES.items()}
    store(table, TABLE, "agents.benchmarks.digits.sweep")


def _best(sequence: str, name: str, rows: Rows, learn: Learn, prefix: str) -> Row:
    if len(rows) == 1:
        return rows[0]
    return rows[int(np.argmax([_score(DigitArm(sequence, name, row), learn, prefix) for row in rows]))]


def _score(arm: DigitArm, learn: Learn, prefix: str) -> float:
    finals = [learn(arm, seed, BUDGETS[arm.sequence], validation=True)[-1].mean() for seed in SEEDS]
    return _report(f"{prefix}{arm.sequence} {arm.strategy} {dict(arm.settings)}", float(np.mean(finals)))


def _best_rate(name: str, rates: Sequence[float]) -> float:
    scores = [
        _report(
            f"online {name} {rate}",
            float(np.mean([learn_online(name, rate, seed, validation=True).prequential for seed in SEEDS])),
        )
        for rate in rates
    ]
    return rates[int(np.argmax(scores))]


def _report(settings: str, score: float) -> float:
    print_progress(f"{settings}: {score:.3f}")
    return score


if __name__ == "__main__":
    main()
