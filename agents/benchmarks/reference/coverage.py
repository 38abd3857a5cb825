"""How often does the 95% interval of a few runs hold the true mean?

Runs are simulated: each scores six tasks, and a share of the variance is the run's own, the same in all its tasks. For
normal scores the interval must cover the truth in 93% to 97% of the samples. Bounded scores, and runs that fail as a
whole with probability 0.2, are reported as they are: of three runs half the samples have no failure, and no interval
can tell of it. The control is the interval of the same scores with single cells resampled.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from agents.analysis.statistics import RESAMPLES, Scores, mean_over_runs
from agents.benchmarks.report.figure import Figure

RUNS, TASKS = (3, 5, 10), 6
SHARES = (0.0, 0.5, 0.64)
LOWEST, HIGHEST = 0.93, 0.97
FAILS = 0.2
Law = Callable[[np.random.Generator, int, float], Scores]
"""From a generator, the number of runs and the run's share of the variance to scores, (R, T), with mean 0.5."""


def measure(samples: int = 4_000, control_samples: int = 400) -> list[Figure]:
    """Simulate `samples` experiments of every kind; return the share of intervals that hold the truth."""
    figures = []
    for runs in RUNS:
        for share in SHARES:
            covered, control = _coverage(_normal, runs, share, samples), _of_cells(runs, share, control_samples)
            figure = Figure(
                f"normal, {runs} runs, {share:g} of the variance a run's own",
                covered,
                "of 1",
                f"≥ {LOWEST:g}",
                LOWEST <= covered <= HIGHEST,
                f"{samples:,} samples; at most {HIGHEST:g}",
            )
            figures.append(figure.beside(control, f"cells resampled, {control_samples} samples"))
        for title, law in LAWS.items():
            figures.append(Figure(f"{title}, {runs} runs", _coverage(law, runs, 0.5, samples), "of 1"))
    return figures


def _normal(rng: np.random.Generator, runs: int, share: float) -> Scores:
    own, rest = rng.normal(size=(runs, 1)), rng.normal(size=(runs, TASKS))
    return np.asarray(0.5 + 0.1 * (np.sqrt(share) * own + np.sqrt(1 - share) * rest))


def _bounded(rng: np.random.Generator, runs: int, share: float) -> Scores:
    """Return success rates of 64 episodes: the run's own rate is Beta(2, 2)."""
    rates = rng.beta(2, 2, size=(runs, 1)).repeat(TASKS, axis=1)
    return rng.binomial(64, rates) / 64


def _two_peaked(rng: np.random.Generator, runs: int, share: float) -> Scores:
    """Return 0.625 in every task of a sound run, and 0 in one that fails: 0.5 in the mean."""
    return np.asarray(
        np.where(rng.random((runs, 1)) < FAILS, 0.0, 0.5 / (1 - FAILS)) + rng.normal(0, 0.02, (runs, TASKS))
    )


LAWS: dict[str, Law] = {"success of 64 episodes": _bounded, f"a run fails with probability {FAILS:g}": _two_peaked}


def _coverage(law: Law, runs: int, share: float, samples: int) -> float:
    rng = np.random.default_rng([runs, round(100 * share)])
    covered = 0
    for _ in range(samples):
        found = mean_over_runs(law(rng, runs, share))
        covered += found.is_at_least(0.5) is found.is_at_most(0.5)  # neither: the interval holds 0.5
    return covered / samples


def _of_cells(runs: int, share: float, samples: int) -> float:
    """Return the coverage of the percentile bootstrap that draws the runs of every task on their own."""
    rng = np.random.default_rng([runs, round(100 * share), 1])
    covered = 0
    for _ in range(samples):
        scores = _normal(rng, runs, share)
        rows = rng.integers(runs, size=(RESAMPLES, runs, TASKS))
        low, high = np.quantile(scores[rows, np.arange(TASKS)].mean(axis=(1, 2)), (0.025, 0.975))
        covered += low <= 0.5 <= high
    return covered / samples
