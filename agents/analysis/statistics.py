"""Statistics over few seeds: interquartile means, bootstrap intervals, probability of improvement.

After Agarwal et al. 2021 (*Deep reinforcement learning at the edge of the statistical precipice*), whose library
rliable gives the same results. Scores have shape (R, N) for R runs and N tasks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Estimator = Callable[[Scores], Scores]
"""From (..., R, N) to (...)."""

RESAMPLES = 2_000
LEVEL = 0.95
SEED = 0
"""Seed of the bootstrap, so that equal scores give equal intervals."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point estimate and its 95% confidence interval."""

    value: float
    low: float
    high: float


def interquartile_mean(scores: Scores) -> Scores:
    """Return the mean without the lowest and highest quarter of scores: (..., R, N) to (...).

    The quarters are rounded down to whole numbers of scores, as in `scipy.stats.trim_mean`.
    """
    flat = np.sort(scores.reshape(*scores.shape[:-2], -1), axis=-1)
    cut = flat.shape[-1] // 4
    return np.asarray(flat[..., cut : flat.shape[-1] - cut].mean(axis=-1))


def estimate(scores: Scores, estimator: Estimator = interquartile_mean) -> Estimate:
    """Return `estimator` of `scores`, (R, N), with its stratified bootstrap interval."""
    drawn = estimator(_resampled(scores, np.random.default_rng(SEED)))
    return Estimate(float(estimator(scores)), *_interval(drawn))


def band(runs: Scores) -> tuple[Scores, Scores]:
    """Return lower and upper end, (K,) each, of the bootstrap interval of the mean over `runs`, (R, K)."""
    rows = np.random.default_rng(SEED).integers(len(runs), size=(RESAMPLES, len(runs)))
    means = runs[rows].mean(axis=1)
    low, high = np.percentile(means, [50 * (1 - LEVEL), 50 * (1 + LEVEL)], axis=0)
    return np.asarray(low), np.asarray(high)


def probability_of_improvement(ours: Scores, theirs: Scores) -> Scores:
    """Return P(a run of `ours` scores higher than one of `theirs` on the same task), ties counting half.

    `ours` is (..., R, N), `theirs` (..., S, N), the result (...): the Mann-Whitney statistic over the number of
    pairs, averaged over tasks.
    """
    difference = ours[..., :, None, :] - theirs[..., None, :, :]  # (..., R, S, N)
    wins = (difference > 0) + 0.5 * (difference == 0)
    return np.asarray(wins.mean(axis=(-3, -2, -1)))


def improvement(ours: Scores, theirs: Scores) -> Estimate:
    """Return the probability of improvement of (R, N) over (S, N), with its stratified bootstrap interval."""
    generator = np.random.default_rng(SEED)
    drawn = probability_of_improvement(_resampled(ours, generator), _resampled(theirs, generator))
    return Estimate(float(probability_of_improvement(ours, theirs)), *_interval(drawn))


def _resampled(scores: Scores, generator: np.random.Generator) -> Scores:
    """Draw R runs with replacement, separately for each task: (R, N) to (RESAMPLES, R, N)."""
    runs, tasks = scores.shape
    rows = generator.integers(runs, size=(RESAMPLES, runs, tasks))
    return np.asarray(scores[rows, np.arange(tasks)])


def _interval(drawn: Scores) -> tuple[float, float]:
    low, high = np.percentile(drawn, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)
