"""Chooses the settings of `bench digits` on the validation images: python -m agents.benchmarks.digits.sweep."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tomlkit
import torch
from numpy.typing import NDArray

import resources
from agents.supervised.online import learn_online
from agents.supervised.sequence import Budget, DigitArm, learn

FOLDER, TABLE = "benchmarks", "digits.toml"
SEEDS = (100, 101, 102)
"""None of those that the benchmark uses."""
BUDGETS: Mapping[str, Budget] = {
    "permuted": Budget(rate=1e-2, epochs=8, minibatch=64),
    # with a gentler rate two-way tasks with outputs of their own disturb each other too little to be cured
    "split": Budget(rate=5e-2, epochs=20, minibatch=64),
}
Row = Mapping[str, Any]
Rows = Sequence[Row]
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
    """Return the table that was made last: of each sequence its strategies, and the rates of online learning."""
    return tomlkit.parse((resources.path(FOLDER) / file).read_text(encoding="utf-8")).unwrap()


def store(table: Mapping[str, Any], file: str, module: str) -> None:
    """Write a table to a file that says which module made it."""
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Chosen on validation images. Made by: python -m {module}"))
    document.update(table)
    (resources.path(FOLDER) / file).write_text(tomlkit.dumps(document), encoding="utf-8")


def best(sequence: str, name: str, rows: Rows, learn: Callable[..., NDArray[np.float64]], who: str = "") -> Row:
    """Return the row of settings whose mean accuracy at the end is the greatest."""
    return rows[int(np.argmax([_score(DigitArm(sequence, name, row), learn, who) for row in rows]))]


def main() -> None:
    """Try every row of the grid with each seed, and write down the best of each strategy."""
    torch.set_num_threads(1)  # a small network is many times slower on two threads
    table: dict[str, Any] = {
        sequence: {name: dict(best(sequence, name, rows, learn)) for name, rows in strategies.items()}
        for sequence, strategies in GRID.items()
    }
    table["online"] = {name: _best_rate(name, rates) for name, rates in RATES.items()}
    store(table, TABLE, "agents.benchmarks.digits.sweep")


def _score(arm: DigitArm, learn: Callable[..., NDArray[np.float64]], who: str) -> float:
    finals = [learn(arm, seed, BUDGETS[arm.sequence], validation=True)[-1].mean() for seed in SEEDS]
    return _tell(f"{who}{arm.sequence} {arm.strategy} {dict(arm.settings)}", float(np.mean(finals)))


def _best_rate(name: str, rates: Sequence[float]) -> float:
    scores = [
        _tell(
            f"online {name} {rate}",
            float(np.mean([learn_online(name, rate, seed, validation=True).prequential for seed in SEEDS])),
        )
        for rate in rates
    ]
    return rates[int(np.argmax(scores))]


def _tell(what: str, score: float) -> float:
    sys.stderr.write(f"{what}: {score:.3f}\n")
    return score


if __name__ == "__main__":
    main()
