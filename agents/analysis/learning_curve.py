"""Learning speed of a task: area under its learning curve, and steps to reach a level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.story import View
from agents.story.columns import Column


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The scores of one task while it was trained."""

    steps: tuple[float, ...]
    """Counted from the start of the training, growing; two or more."""
    scores: tuple[float, ...]

    @property
    def span(self) -> float:
        """How many steps the curve covers, from the start of the training."""
        return self.steps[-1]

    def area(self, span: float) -> float | None:
        """Return the mean height over the first `span` steps, 1/Δ ∫ p(t) dt, by trapezoids.

        None if the curve does not reach so far.
        """
        if span <= 0 or self.steps[-1] < span or self.steps[0] > 0:
            return None
        inside = [step for step in self.steps if 0 < step < span]
        at = np.array([0.0, *inside, span])
        return float(np.trapezoid(np.interp(at, self.steps, self.scores), at) / span)

    def steps_to(self, level: float) -> float | None:
        """Return the step of the first evaluation that reached `level`; None if none did."""
        return next((step for step, score in zip(self.steps, self.scores, strict=True) if score >= level), None)


def own_curves(view: View) -> tuple[LearningCurve | None, ...]:
    """Return the curve of each task in the stage that trained it last; None where it was scored fewer than twice."""
    stretches = {
        clip.task_id: (clip.start, clip.end) for clip in view.clips if clip.end is not None and clip.reason != "fault"
    }
    return tuple(
        _between(*view.curve(task_id), *stretches[task_id]) if task_id in stretches else None
        for task_id in range(len(view.tasks))
    )


def _between(steps: Column, scores: Column, start: int, end: int) -> LearningCurve | None:
    """Cut a stage out of a run: what was scored at its very start belongs to it."""
    inside = (steps >= start) & (steps <= end)
    points = dict(zip((steps[inside] - start).tolist(), scores[inside].tolist(), strict=True))
    if len(points) < 2:
        return None
    return LearningCurve(tuple(map(float, points)), tuple(points.values()))
