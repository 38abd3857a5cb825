"""Learning curves of single tasks: area under the curve, and steps to reach a level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.story import View
from agents.story.columns import Column


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The scores of one task while it was trained."""

    steps: tuple[float, ...]
    """Steps since the start of the task's stage, increasing; at least two."""
    scores: tuple[float, ...]

    @property
    def span(self) -> float:
        """Number of steps that the curve covers."""
        return self.steps[-1]

    def area(self, span: float) -> float | None:
        """Return the mean score over the first `span` steps, 1/Δ ∫ p(t) dt, by the trapezoidal rule.

        None if the curve is shorter.
        """
        if span <= 0 or self.steps[-1] < span or self.steps[0] > 0:
            return None
        inside = [step for step in self.steps if 0 < step < span]
        points = np.array([0.0, *inside, span])
        return float(np.trapezoid(np.interp(points, self.steps, self.scores), points) / span)

    def steps_to(self, level: float) -> float | None:
        """Return the step of the first evaluation with a score of at least `level`; None if there is none."""
        return next((step for step, score in zip(self.steps, self.scores, strict=True) if score >= level), None)


def own_curves(view: View) -> tuple[LearningCurve | None, ...]:
    """Return each task's curve in the last stage that trained it; None if it was evaluated fewer than twice."""
    spans = {
        clip.task_id: (clip.start, clip.end) for clip in view.clips if clip.end is not None and clip.reason != "fault"
    }
    return tuple(
        _between(*view.curve(task_id), *spans[task_id]) if task_id in spans else None
        for task_id in range(len(view.tasks))
    )


def _between(steps: Column, scores: Column, start: int, end: int) -> LearningCurve | None:
    """Cut a stage out of a task's curve of shape (K,); an evaluation at its first step belongs to it."""
    inside = (steps >= start) & (steps <= end)
    points = dict(zip((steps[inside] - start).tolist(), scores[inside].tolist(), strict=True))
    if len(points) < 2:
        return None
    return LearningCurve(tuple(map(float, points)), tuple(points.values()))
