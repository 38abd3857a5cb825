"""Statistics over few seeds: interquartile means, bootstrap intervals, probability of improvement.

After Agarwal et al. 2021 (*Deep reinforcement learning at the edge of the statistical precipice*), whose library
rliable gives the same numbers. Scores are (runs, tasks) throughout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Estimator = Callable[[Scores], Scores]
"""From (..., runs, tasks) to (...)."""

RESAMPLES = 2_000
LEVEL = 0.95
SEED = 0
"""Of the bootstrap: the same scores give the same interval every time."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and the interval in which it lies with a confidence of 95%."""

    value: float
    low: float
    high: float


def interquartile_mean(scores: Scores) -> Scores:
    """Return the mean of what remains of all runs and tasks without their lowest and highest quarter.

    The quarters are rounded down to whole scores, as in `scipy.stats.trim_mean`.
    """
    flat = np.sort(scores.reshape(*scores.shape[:-2], -1), axis=-1)
    cut = flat.shape[-1] // 4
    return np.asarray(flat[..., cut : flat.shape[-1] - cut].mean(axis=-1))


def estimate(scores: Scores, estimator: Estimator = interquartile_mean) -> Estimate:
    """Return `estimator` over `scores` with its stratified bootstrap interval."""
    drawn = estimator(_resampled(scores, np.random.default_rng(SEED)))
    return Estimate(float(estimator(scores)), *_interval(drawn))


def band(runs: Scores) -> tuple[Scores, Scores]:
    """Return where the bootstrap interval of the mean over `runs` (runs, places) begins and ends at each place."""
    rows = np.random.default_rng(SEED).integers(len(runs), size=(RESAMPLES, len(runs)))
    means = runs[rows].mean(axis=1)
    low, high = np.percentile(means, [50 * (1 - LEVEL), 50 * (1 + LEVEL)], axis=0)
    return np.asarray(low), np.asarray(high)


def probability_of_improvement(ours: Scores, theirs: Scores) -> Scores:
    """Return how often a run of ours beats a run of theirs on the same task, ties counting half.

    Every pair of runs is compared, tasks weigh the same (the Mann-Whitney statistic over the number of pairs).
    """
    difference = ours[..., :, None, :] - theirs[..., None, :, :]
    wins = (difference > 0) + 0.5 * (difference == 0)
    return np.asarray(wins.mean(axis=(-3, -2, -1)))


def improvement(ours: Scores, theirs: Scores) -> Estimate:
    """Return the probability of improvement with its stratified bootstrap interval."""
    generator = np.random.default_rng(SEED)
    drawn = probability_of_improvement(_resampled(ours, generator), _resampled(theirs, generator))
    return Estimate(float(probability_of_improvement(ours, theirs)), *_interval(drawn))


def _resampled(scores: Scores, generator: np.random.Generator) -> Scores:
    """Draw as many runs as there are, with replacement, for each task on its own: (resamples, runs, tasks)."""
    runs, tasks = scores.shape
    rows = generator.integers(runs, size=(RESAMPLES, runs, tasks))
    return np.asarray(scores[rows, np.arange(tasks)])


def _interval(drawn: Scores) -> tuple[float, float]:
    low, high = np.percentile(drawn, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)
