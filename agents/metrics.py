"""Continual-learning metrics, computed from the evaluation matrix and nothing else.

R has shape (T + 1, N) for T stages and N tasks: row 0 is the untrained agent, row i the
agent after stage i. R[i, j] is the score on task j, NaN where it was not measured.
`own[j]` is the row of the last stage that trained task j, or None if none has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Own = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of the evaluation matrix: its title, formula and source."""

    key: str
    title: str
    formula: str
    source: str
    higher_is_better: bool


METRICS: tuple[Metric, ...] = (
    Metric("learned", "Learned", "mean over j of R[own(j), j]", "each task's score at the end of its own stage", True),
    Metric("average", "Average now", "mean over j of R[T, j]", "Lopez-Paz & Ranzato 2017, ACC", True),
    Metric(
        "forgetting",
        "Forgetting",
        "mean over j, the task learned last left out, of max over 1 ≤ l < T of R[l, j] − R[T, j]",
        "Chaudhry et al. 2018",
        False,
    ),
    Metric(
        "backward",
        "Backward transfer",
        "mean over j, the task learned last left out, of R[T, j] − R[own(j), j]",
        "Lopez-Paz & Ranzato 2017, BWT",
        True,
    ),
    Metric(
        "forward",
        "Forward transfer",
        "mean over j, the task learned first left out, of R[own(j) − 1, j] − R[0, j]",
        "Lopez-Paz & Ranzato 2017, FWT",
        True,
    ),
)


def learned(matrix: Matrix, own: Own) -> list[float | None]:
    """Return the score of each of the N tasks after the last stage that trained it; None without one.

    `matrix` is R, (T + 1, N); `own` has the row of R after that stage, by task id.
    """
    return [None if row is None else _known(matrix[row, task_id]) for task_id, row in enumerate(own)]


def metrics(matrix: Matrix, own: Own) -> dict[str, float | None]:
    """Return every metric of `METRICS` by key; None where scores are missing.

    `matrix` is R, (T + 1, N). `own` has, for each of the N tasks, the row of R after the last stage that trained it.
    """
    trained = [(task_id, row) for task_id, row in enumerate(own) if row is not None]
    last = len(matrix) - 1
    newest = max(trained, key=lambda pair: pair[1], default=(None, 0))[0]
    oldest = min(trained, key=lambda pair: pair[1], default=(None, 0))[0]
    earlier = [(task_id, row) for task_id, row in trained if task_id != newest]
    later = [(task_id, row) for task_id, row in trained if task_id != oldest]
    return {
        "learned": _mean([matrix[row, task_id] for task_id, row in trained]),
        "average": _mean([matrix[last, task_id] for task_id, _ in trained]),
        "forgetting": _mean([_peak(matrix[1:last, task_id]) - matrix[last, task_id] for task_id, _ in earlier]),
        "backward": _mean([matrix[last, task_id] - matrix[row, task_id] for task_id, row in earlier]),
        "forward": _mean([matrix[row - 1, task_id] - matrix[0, task_id] for task_id, row in later]),
    }


def _peak(scores: Matrix) -> float:
    known = scores[~np.isnan(scores)]
    return float(known.max()) if len(known) else float("nan")


def _mean(values: Sequence[float]) -> float | None:
    known = [float(value) for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else None


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
