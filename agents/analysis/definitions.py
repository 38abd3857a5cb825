"""Published definitions of average accuracy, forgetting and transfer, computed from a run's evaluations.

Publications use the same names for different formulas. Every family is a row of `FAMILIES`, every metric a row of its
family, with the formula in words. R, its rows and `own` are those of `agents.metrics`; T is the last row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.analysis.learning_curve import LearningCurve
from agents.metrics import Matrix, Own

Curves = Sequence[LearningCurve | None]


@dataclass(frozen=True, slots=True)
class History:
    """The input of all definitions."""

    matrix: Matrix
    own: Own
    curves: Curves = ()
    """Learning curve of each task in its own stage, by task id."""
    experts: Curves = ()
    """Learning curve of each task's single-task expert, by task id."""

    @property
    def trained(self) -> list[tuple[int, int]]:
        """The trained tasks as (task id, row of its own stage), in the order of these rows."""
        pairs = [(task_id, row) for task_id, row in enumerate(self.own) if row is not None]
        return sorted(pairs, key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric: its key, its formula in words, and its formula in code."""

    key: str
    formula: str
    value: Callable[[History], float | None]
    higher_is_better: bool = True
    needs_experts: bool = False
    """True if it needs single-task experts."""


@dataclass(frozen=True, slots=True)
class Family:
    """The metrics of one publication."""

    key: str
    title: str
    source: str
    rows: tuple[Definition, ...]

    def row(self, key: str) -> Definition:
        """Return the definition with this key: `average`, `forgetting`, `forward` or, in some families, `backward`.

        Raises StopIteration if the family has none.
        """
        return next(row for row in self.rows if row.key == key)


def _average(history: History) -> float | None:
    return _mean(history.matrix[-1, task_id] for task_id, _ in history.trained)


def _average_of_every_stage(history: History) -> float | None:
    """Return the mean over the part of the matrix after each task's own stage."""
    last = len(history.matrix)
    return _mean(history.matrix[row, task_id] for task_id, own in history.trained for row in range(own, last))


def _forgetting_from_earlier_peak(history: History) -> float | None:
    return _mean(_peak(history, task_id, len(history.matrix) - 1) for task_id, _ in history.trained[:-1])


def _forgetting_from_any_peak(history: History) -> float | None:
    return _mean(_peak(history, task_id, len(history.matrix)) for task_id, _ in history.trained[:-1])


def _forgetting_of_all(history: History) -> float | None:
    return _mean(_fall(history, task_id, row) for task_id, row in history.trained)


def _forgetting_never_negative(history: History) -> float | None:
    return _mean(np.maximum(_fall(history, task_id, row), 0.0) for task_id, row in history.trained[:-1])


def _forgetting_isolated(history: History) -> float | None:
    last = len(history.matrix)
    return _mean(-_gain(history, task_id, row) for task_id, own in history.trained for row in range(own + 1, last))


def _backward(history: History) -> float | None:
    return _mean(-_fall(history, task_id, row) for task_id, row in history.trained[:-1])


def _forward_from_untrained(history: History) -> float | None:
    matrix = history.matrix
    return _mean(matrix[row - 1, task_id] - matrix[0, task_id] for task_id, row in history.trained[1:])


def _forward_zero_shot(history: History) -> float | None:
    return _mean(_gain(history, task_id, row) for task_id, own in history.trained for row in range(1, own))


def _forward_from_experts(history: History) -> float | None:
    return _mean(transfer for transfer in forward_transfers(history) if transfer is not None)


def forward_transfers(history: History) -> list[float | None]:
    """Return (AUC − AUC_b) / (1 − AUC_b) of each task over the steps of its own stage (Wołczyk et al. 2021, eq. 3).

    AUC is the area under the task's curve, AUC_b that of the single-task expert over as many steps. None
    where either is missing, or where the expert's area is 1, so that the ratio is undefined.
    """
    pairs = zip(history.curves, history.experts, strict=False)
    return [None if own is None or expert is None else _transfer(own, expert) for own, expert in pairs]


def _transfer(own: LearningCurve, expert: LearningCurve) -> float | None:
    area, baseline = own.area(own.span), expert.area(own.span)
    return None if area is None or baseline is None or baseline >= 1 else (area - baseline) / (1 - baseline)


def _peak(history: History, task_id: int, end: int) -> float:
    """Return the best score of a task after any stage before row `end`, minus its last score."""
    scores = history.matrix[1:end, task_id]
    known = scores[~np.isnan(scores)]
    return float(known.max() - history.matrix[-1, task_id]) if len(known) else float("nan")


def _fall(history: History, task_id: int, row: int) -> float:
    """Return the score of a task in `row`, that of its own stage, minus its last score."""
    return float(history.matrix[row, task_id] - history.matrix[-1, task_id])


def _gain(history: History, task_id: int, row: int) -> float:
    """Return the change of a task's score in one stage, as a fraction of its largest score."""
    scores = history.matrix[:, task_id]
    largest = np.abs(scores[~np.isnan(scores)]).max(initial=0.0)
    return float((scores[row] - scores[row - 1]) / largest) if largest else float("nan")


def _mean(values: Iterable[float]) -> float | None:
    known = [float(value) for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else None


ACC = Definition("average", "mean over j of R[T, j]", _average)
BWT = Definition("backward", "mean over j, the task learned last left out, of R[T, j] − R[own(j), j]", _backward)
FWT = Definition(
    "forward",
    "mean over j, the task learned first left out, of R[own(j) − 1, j] − R[0, j]",
    _forward_from_untrained,
)
AREA = Definition(
    "forward",
    "mean over j of (AUC(j) − AUC_b(j)) / (1 − AUC_b(j)): AUC is the area under the curve of j in its own stage, "
    "AUC_b that of an agent that learned j alone",
    _forward_from_experts,
    needs_experts=True,
)

FAMILIES: tuple[Family, ...] = (
    Family(
        "chaudhry",
        "Chaudhry 2018",
        "Chaudhry et al. 2018, Riemannian Walk, eq. 3; Lopez-Paz & Ranzato 2017",
        (
            ACC,
            Definition(
                "forgetting",
                "mean over j, the task learned last left out, of max over 1 ≤ l < T of R[l, j] − R[T, j]",
                _forgetting_from_earlier_peak,
                higher_is_better=False,
            ),
            BWT,
            FWT,
        ),
    ),
    Family(
        "gem",
        "GEM, Mammoth",
        "Lopez-Paz & Ranzato 2017; Buzzega et al. 2020, utils/metrics.py",
        (
            ACC,
            Definition(
                "forgetting",
                "mean over j, the task learned last left out, of max over 1 ≤ l ≤ T of R[l, j] − R[T, j]",
                _forgetting_from_any_peak,
                higher_is_better=False,
            ),
            BWT,
            FWT,
        ),
    ),
    Family(
        "continual-world",
        "Continual World",
        "Wołczyk et al. 2021, section 3.2",
        (
            ACC,
            Definition(
                "forgetting",
                "mean over j, the task learned last included, of R[own(j), j] − R[T, j]",
                _forgetting_of_all,
                higher_is_better=False,
            ),
            AREA,
        ),
    ),
    Family(
        "coom",
        "COOM",
        "Tomilin et al. 2023; results/common.py",
        (
            Definition(
                "average",
                "mean over every stage i and every task j learned by then of R[i, j]",
                _average_of_every_stage,
            ),
            Definition(
                "forgetting",
                "mean over j, the task learned last left out, of R[own(j), j] − R[T, j], or 0 where j improved",
                _forgetting_never_negative,
                higher_is_better=False,
            ),
            AREA,
        ),
    ),
    Family(
        "cora",
        "CORA",
        "Powers et al. 2022, section 4; continual_rl/utils/metrics.py",
        (
            ACC,
            Definition(
                "forgetting",
                "mean over j and every later stage i of (R[i − 1, j] − R[i, j]) / max of |R[l, j]|",
                _forgetting_isolated,
                higher_is_better=False,
            ),
            Definition(
                "forward",
                "mean over j and every earlier stage i of (R[i, j] − R[i − 1, j]) / max of |R[l, j]|",
                _forward_zero_shot,
            ),
        ),
    ),
)
"""All families; the first one's `forgetting` is that of files and of the command line."""


def measured(history: History) -> dict[str, dict[str, float | None]]:
    """Return the value of every metric, by family and key."""
    if not len(history.matrix):
        return {}
    return {family.key: {row.key: row.value(history) for row in family.rows} for family in FAMILIES}
