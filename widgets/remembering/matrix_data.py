"""What a run remembers, as numbers: the evaluation matrix up to this moment, and each family's numbers over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.analysis.definitions import Family, History
from agents.analysis.learning_curve import LearningCurve, own_curves
from agents.metrics import METRICS, Matrix, Metric, metrics
from agents.story import Story, View

_BY_KEY = {metric.key: metric for metric in METRICS}


@dataclass(frozen=True, slots=True)
class MatrixData:
    """Everything the panel tells about one run at one moment."""

    matrix: Matrix
    """With a last row for now, where scores came in since the last stage ended."""
    own: tuple[int | None, ...]
    """The row after which each column counts as learned; see `agents.metrics`."""
    titles: tuple[str, ...]
    """The stage of each row; empty for the untrained agent."""
    live: bool
    """Whether the last row is now, in the middle of a stage."""
    learning: int | None
    """The column in training, or in training when the run was stopped."""
    view: View
    """Where all of it was read."""
    learned: float | None
    average: float | None
    forward: float | None

    def number(self, family: Family, key: str, experts: Sequence[LearningCurve | None] = ()) -> float | None:
        """Return a number up to now by the definition of `family`; the task in training is not learned yet."""
        if not len(self.matrix):
            return None
        definition = family.row(key)
        # cut out of the run only where somebody looks at them
        curves = own_curves(self.view) if definition.needs_experts and any(experts) else ()
        return definition.value(History(self.matrix, self.own, curves, experts))

    def forgetting(self, family: Family) -> float | None:
        """Return forgetting up to now; the task in training counts as the one learned last."""
        if not len(self.matrix):
            return None
        own = list(self.own)
        if self.live and self.learning is not None and self.learning < len(own):
            own[self.learning] = len(self.matrix) - 1
        return family.row("forgetting").value(History(self.matrix, own))

    def score_when_learned(self, task_id: int) -> float | None:
        """Return a task's score at the end of its own stage."""
        row = self.own[task_id]
        return None if row is None else _known(self.matrix[row, task_id])

    def drops(self) -> dict[int, float]:
        """Return how far each task fell since it was learned; the one in training is left out."""
        found = {}
        for task_id, row in enumerate(self.own):
            learning = self.live and task_id == self.learning
            if row is not None and row < len(self.matrix) - 1 and not learning:
                drop = _known(self.matrix[row, task_id] - self.matrix[-1, task_id])
                if drop is not None:
                    found[task_id] = drop
        return found


def matrix_data(view: View) -> MatrixData:
    """Look at what is remembered in `view`."""
    matrix, own, titles = view.matrix()
    official = metrics(matrix, own) if len(matrix) else {}
    latest = view.evaluations[-1:]
    live = bool(latest) and not latest[0].final and latest[0].index >= 0
    if live:
        row = np.full((1, matrix.shape[1]), np.nan)
        known = [np.nan if value is None else value for value in latest[0].scores[: matrix.shape[1]]]
        row[0, : len(known)] = known
        matrix = np.vstack([matrix, row])
    now = metrics(matrix, own) if len(matrix) else {}
    # a run that was stopped in the middle of a stage was learning it to the end
    trained = [clip.task_id for clip in view.clips if clip.end is None or live][-1:]
    return MatrixData(
        matrix=matrix,
        own=tuple(own),
        titles=tuple(titles),
        live=live,
        learning=trained[0] if trained else None,
        view=view,
        learned=official.get("learned"),
        average=now.get("average"),
        forward=official.get("forward"),
    )


def experts(story: Story, others: Sequence[Story]) -> list[LearningCurve | None]:
    """Return, for each of our tasks, the curve of a run laid over ours that learned this one alone."""
    alone = {}
    for other in others:
        clips = other.until().clips
        if len(clips) == 1:
            alone[other.tasks[clips[0].task_id].identity] = own_curves(other.until())[clips[0].task_id]
    return [alone.get(task.identity) for task in story.tasks]


def metric(key: str) -> Metric:
    """Return a row of `agents.metrics.METRICS`."""
    return _BY_KEY[key]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
