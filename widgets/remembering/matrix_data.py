"""The evaluation matrix of a run up to a step, and the continual-learning metrics computed from it.

R is the number of evaluations (rows), N the number of tasks (columns).
"""

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
    """The evaluation matrix of one run at one step, with its metadata."""

    matrix: Matrix
    """Scores, (R, N); the last row is an evaluation within a stage if `live`."""
    own: tuple[int | None, ...]
    """The row after which each task counts as learned, or None; see `agents.metrics`."""
    titles: tuple[str, ...]
    """Title of the stage that each row follows; empty for the untrained agent."""
    live: bool
    """Whether the last row was evaluated within a stage."""
    learning: int | None
    """Id of the task in training, or in training when the run was stopped."""
    view: View
    """The view that the data was read from."""
    learned: float | None
    average: float | None
    forward: float | None

    def number(self, family: Family, key: str, experts: Sequence[LearningCurve | None] = ()) -> float | None:
        """Return a metric by the definition of `family`; the task in training does not count as learned."""
        if not len(self.matrix):
            return None
        definition = family.row(key)
        # computed only if the definition uses them
        curves = own_curves(self.view) if definition.needs_experts and any(experts) else ()
        return definition.value(History(self.matrix, self.own, curves, experts))

    def forgetting(self, family: Family) -> float | None:
        """Return forgetting; the task in training counts as the one learned last."""
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
        """Return the drop of each task's score since it was learned, by task id, without the task in training."""
        result = {}
        for task_id, row in enumerate(self.own):
            is_in_training = self.live and task_id == self.learning
            if row is not None and row < len(self.matrix) - 1 and not is_in_training:
                drop = _known(self.matrix[row, task_id] - self.matrix[-1, task_id])
                if drop is not None:
                    result[task_id] = drop
        return result


def matrix_data(view: View) -> MatrixData:
    """Return the matrix and metrics of `view`."""
    matrix, own, titles = view.matrix()
    after_stages = metrics(matrix, own) if len(matrix) else {}
    latest = view.evaluations[-1:]
    live = bool(latest) and not latest[0].final and latest[0].index >= 0
    if live:
        row = np.full((1, matrix.shape[1]), np.nan)
        known = [np.nan if value is None else value for value in latest[0].scores[: matrix.shape[1]]]
        row[0, : len(known)] = known
        matrix = np.vstack([matrix, row])
    now = metrics(matrix, own) if len(matrix) else {}
    # the last stage counts as in training if it has not ended, or the run was stopped within it
    trained = [clip.task_id for clip in view.clips if clip.end is None or live][-1:]
    return MatrixData(
        matrix=matrix,
        own=tuple(own),
        titles=tuple(titles),
        live=live,
        learning=trained[0] if trained else None,
        view=view,
        learned=after_stages.get("learned"),
        average=now.get("average"),
        forward=after_stages.get("forward"),
    )


def experts(story: Story, others: Sequence[Story]) -> list[LearningCurve | None]:
    """Return, for each task of `story`, the learning curve of a run that trained this task alone, or None."""
    single_task = {}
    for other in others:
        clips = other.until().clips
        if len(clips) == 1:
            single_task[other.tasks[clips[0].task_id].identity] = own_curves(other.until())[clips[0].task_id]
    return [single_task.get(task.identity) for task in story.tasks]


def metric(key: str) -> Metric:
    """Return a row of `agents.metrics.METRICS`."""
    return _BY_KEY[key]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
