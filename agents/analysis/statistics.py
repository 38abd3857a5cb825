"""Statistics over few runs: intervals of means and differences, interquartile means, probability of improvement.

Scores are (R, T): R runs, each scored on T tasks. The scores of one run are not independent (one bad seed fails on
several tasks), so every interval treats the run as the unit and never resamples single cells:

- up to `FEW` runs, Student's t over the means of the runs: exact for normal run means, and conservative for few;
- above, the studentised bootstrap over whole runs (Efron & Tibshirani, 1993, section 12.5).

With one run there is no interval. Three runs cannot show that one run in five fails: no interval tells what no run did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Method = Literal["one run", "t", "bootstrap"]

FEW = 10
"""Up to so many runs, intervals are Student's t."""
FEWEST_NUMBERS = 10
"""Of fewer numbers no interquartile mean is offered: cutting a quarter of them away leaves next to nothing."""
RESAMPLES = 2_000
LEVEL = 0.95
SEED = 0
"""Of the bootstrap: the same scores give the same interval every time."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number over runs, and the interval in which it lies with a confidence of 95%."""

    value: float
    low: float | None
    """Where the interval begins; None for one run."""
    high: float | None
    """Where it ends; None for one run."""
    runs: int
    method: Method

    def is_at_least(self, bound: float) -> bool:
        """Return whether the whole interval is at or above `bound`; of one run, whether the number is."""
        return (self.value if self.low is None else self.low) >= bound

    def is_at_most(self, bound: float) -> bool:
        """Return whether the whole interval is at or below `bound`; of one run, whether the number is."""
        return (self.value if self.high is None else self.high) <= bound

    def is_within(self, margin: float) -> bool:
        """Return whether the interval lies inside ± `margin`: equivalence (Schuirmann, 1987). Never of one run.

        That 0 is inside the interval would not show it: the noisier the data, the more often it is.
        """
        return self.low is not None and self.high is not None and -margin <= self.low and self.high <= margin


def mean_over_runs(scores: Scores) -> Estimate:
    """Return the mean of (R, T) scores, or of (R,) numbers, with the interval of the means of the runs."""
    return _interval(scores.reshape(len(scores), -1).mean(axis=1))


def paired_difference(ours: Scores, theirs: Scores) -> Estimate:
    """Return the mean of ours − theirs, both (R, T), where row r of both has the same seed."""
    if ours.shape != theirs.shape:
        raise ValueError(f"paired scores must have one shape, got {ours.shape} and {theirs.shape}")
    return mean_over_runs(ours - theirs)


def difference(ours: Scores, theirs: Scores) -> Estimate:
    """Return mean(ours) − mean(theirs) of independent runs, (R, T) and (S, T): Welch's t, or the bootstrap above `FEW`.

    Without an interval if either is one run.
    """
    one, other = (scores.reshape(len(scores), -1).mean(axis=1) for scores in (ours, theirs))
    value, runs = float(one.mean() - other.mean()), min(len(one), len(other))
    if runs < 2:
        return Estimate(value, None, None, runs, "one run")
    if runs > FEW:
        generator = np.random.default_rng(SEED)
        drawn = _drawn_means(one, generator)[0] - _drawn_means(other, generator)[0]
        low, high = np.quantile(drawn, _TAILS)
        return Estimate(value, float(low), float(high), runs, "bootstrap")
    parts = [means.var(ddof=1) / len(means) for means in (one, other)]
    error = float(np.sqrt(sum(parts)))
    # Welch & Satterthwaite: degrees of freedom of a sum of two variances
    weights = sum(part**2 / (len(means) - 1) for part, means in zip(parts, (one, other), strict=True))
    freedom = sum(parts) ** 2 / weights if weights else 1.0
    reach = error * _t_quantile(freedom)
    return Estimate(value, value - reach, value + reach, runs, "t")


def interquartile_mean(scores: Scores) -> Scores:
    """Return the mean of (..., R, T) scores without their lowest and highest quarter, over runs and tasks: (...).

    The quarters are rounded down to whole scores, as in `scipy.stats.trim_mean` and rliable (Agarwal et al., 2021).
    """
    flat = np.sort(scores.reshape(*scores.shape[:-2], -1), axis=-1)
    cut = flat.shape[-1] // 4
    return np.asarray(flat[..., cut : flat.shape[-1] - cut].mean(axis=-1))


def interquartile_estimate(scores: Scores) -> Estimate | None:
    """Return the interquartile mean of (R, T) scores, whole runs resampled; None of fewer than `FEWEST_NUMBERS`."""
    return None if scores.size < FEWEST_NUMBERS else _bootstrapped(interquartile_mean, scores)


def probability_of_improvement(ours: Scores, theirs: Scores) -> Scores:
    """Return how often a run of ours, (..., R, T), beats one of theirs, (..., S, T), on the same task; ties count half.

    Every pair of runs is compared, tasks weigh the same (the Mann-Whitney statistic over the number of pairs).
    """
    gaps = ours[..., :, None, :] - theirs[..., None, :, :]  # (..., R, S, T)
    wins = (gaps > 0) + 0.5 * (gaps == 0)
    return np.asarray(wins.mean(axis=(-3, -2, -1)))


def improvement(ours: Scores, theirs: Scores) -> Estimate:
    """Return the probability of improvement of (R, T) over (S, T), whole runs of both resampled."""
    return _bootstrapped(probability_of_improvement, ours, theirs)


def restricted_mean(steps: Sequence[float | None], horizon: float) -> Estimate:
    """Return the mean of the steps to a level, `horizon` in place of None: the restricted mean survival time.

    Runs that never reached the level stay in; to leave them out would make a method better by failing.
    """
    return mean_over_runs(np.array([horizon if reached is None else min(reached, horizon) for reached in steps]))


def band(runs: Scores) -> tuple[Scores, Scores]:
    """Return the lower and upper ends, each (P,), of the interval of the mean over (R, P) curves at each point.

    Of one run both are the run itself.
    """
    estimates = [_interval(values) for values in runs.T]
    low = np.array([each.value if each.low is None else each.low for each in estimates])
    high = np.array([each.value if each.high is None else each.high for each in estimates])
    return low, high


_TAILS = (0.5 * (1 - LEVEL), 0.5 * (1 + LEVEL))


def _t_quantile(freedom: float) -> float:
    """Return how many standard errors Student's interval reaches from the mean, with `freedom` degrees of freedom."""
    from scipy.special import stdtrit  # takes 0.2 s to import, and every command and the window import this module

    return float(stdtrit(freedom, _TAILS[1]))


def _interval(means: Scores) -> Estimate:
    """Return the mean of (R,) numbers, one a run, with its interval."""
    value, runs = float(means.mean()), len(means)
    if runs < 2:
        return Estimate(value, None, None, runs, "one run")
    error = float(means.std(ddof=1)) / runs**0.5
    if runs <= FEW or not error:
        reach = error * _t_quantile(runs - 1)
        return Estimate(value, value - reach, value + reach, runs, "t")
    drawn, errors = _drawn_means(means, np.random.default_rng(SEED))
    known = errors > 0  # a resample of one run, drawn again and again, says nothing of the spread
    high, low = np.quantile((drawn[known] - value) / errors[known], _TAILS)
    return Estimate(value, value - float(low) * error, value - float(high) * error, runs, "bootstrap")


def _drawn_means(means: Scores, generator: np.random.Generator) -> tuple[Scores, Scores]:
    """Resample (R,) numbers; return the mean of each resample and its standard error, both (RESAMPLES,)."""
    drawn = means[generator.integers(len(means), size=(RESAMPLES, len(means)))]
    return drawn.mean(axis=1), drawn.std(axis=1, ddof=1) / len(means) ** 0.5


def _bootstrapped(statistic: Callable[..., Scores], *groups: Scores) -> Estimate:
    """Return a statistic of groups of runs, each (R, T), with the percentiles of its values over resampled runs."""
    value, runs = float(statistic(*groups)), min(map(len, groups))
    if runs < 2:
        return Estimate(value, None, None, runs, "one run")
    generator = np.random.default_rng(SEED)
    rows = (generator.integers(len(group), size=(RESAMPLES, len(group))) for group in groups)
    low, high = np.quantile(statistic(*(group[drawn] for group, drawn in zip(groups, rows, strict=True))), _TAILS)
    return Estimate(value, float(low), float(high), runs, "bootstrap")
