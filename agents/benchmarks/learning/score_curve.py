"""Learning curves of runs: scores by environment step, with a progress line for each run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from time import perf_counter

from agents.benchmarks.report.chart import Points
from agents.benchmarks.report.progress import print_progress
from agents.events import Evaluated, Event


def score_curve(events: Iterable[Event], stop_at: float = math.inf) -> Points:
    """Consume the events of a run; return (step, score of the first task) of each evaluation.

    Stops consuming after the first score of at least `stop_at`. A generator of events executes the run meanwhile.
    """
    points: list[tuple[float, float]] = []
    for event in events:
        if isinstance(event, Evaluated):
            points.append((event.step, event.scores[0] or 0.0))
            if points[-1][1] >= stop_at:
                break
    return points


def first_reached(points: Points, level: float) -> float:
    """Return the step of the first evaluation with a score of at least `level`; NaN if there is none."""
    return next((step for step, score in points if score >= level), math.nan)


def train_arms(
    arms: Iterable[str], seeds: int, train: Callable[[str, int], Points], prefix: str = ""
) -> dict[str, list[Points]]:
    """Call `train(arm, seed)` for every arm with seeds 0 to `seeds` - 1; return the curves by arm, in seed order.

    The arms alternate within a seed. Every curve is printed when it is complete.
    """
    curves: dict[str, list[Points]] = {arm: [] for arm in arms}
    for seed in range(seeds):
        for arm, finished in curves.items():
            started = perf_counter()
            finished.append(train(arm, seed))
            print_scores(f"{prefix}seed {seed}, {arm}", finished[-1], f" ({perf_counter() - started:.0f} s)")
    return curves


def print_scores(name: str, points: Points, suffix: str = "") -> None:
    """Print the scores of a run in order, followed by `suffix`."""
    print_progress(f"{name}: {' '.join(f'{score:.2f}' for _, score in points)}{suffix}")
