"""Do our strategies and avalanche's reach the same accuracy on the same images, network and budget?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import torch

from agents.analysis.statistics import Scores, estimate
from agents.benchmarks.digits import avalanche, avalanche_sweep, sweep
from agents.benchmarks.digits.avalanche_strategies import GUARDS, AvalancheStrategy
from agents.benchmarks.report.figure import Figure
from agents.supervised import sequence
from agents.supervised.sequence import DigitArm

Learn = Callable[..., Scores]


def beside_avalanche(seeds: int) -> list[Figure]:
    """Learn with theirs and with ours, seed by seed. Raises BadInput with the remedy if avalanche isn't installed."""
    torch.set_num_threads(1)
    avalanche.require()
    ours, theirs = sweep.settings(), avalanche_sweep.settings()

    @cache
    def known(order: str, strategy: str) -> Scores:
        return _finals(sequence.learn, DigitArm(order, strategy, ours[order][strategy]), seeds)

    figures = []
    for order, guards in theirs.items():
        for name, settings in guards.items():
            guard = GUARDS[name]
            rivals = _finals(avalanche.learn, DigitArm(order, name, settings), seeds)
            figures.append(judged(order, guard, np.stack([known(order, guard.strategy), rivals], axis=1)))
    return figures


def _finals(learn: Learn, arm: DigitArm, seeds: int) -> Scores:
    """Return the mean accuracy at the end, (seeds,)."""
    budget = replace(sweep.BUDGETS[arm.sequence], by_label=True)  # so does avalanche's replay
    finals = np.array([learn(arm, seed, budget)[-1].mean() for seed in range(seeds)])
    sys.stderr.write(f"{learn.__module__.rpartition('.')[2]}, {arm.sequence} {arm.strategy}: {finals.mean():.3f}\n")
    return finals


def judged(order: str, guard: AvalancheStrategy, pairs: Scores) -> Figure:
    """Return how far ours, column 0, end above theirs, column 1; alike if the seeds' interval holds no difference."""
    found = estimate((pairs[:, 0] - pairs[:, 1])[:, None], lambda scores: np.asarray(scores.mean(axis=(-2, -1))))
    mended = f" with {guard.mended}" if guard.mended else ""
    return Figure(
        name=f"{order} digits, {guard.strategy} above avalanche's{mended}",
        value=found.value,
        unit="of 1",
        goal="" if guard.difference else "0 within the interval",
        holds=bool(guard.difference) or found.low <= 0 <= found.high,
        source=f"ours {pairs[:, 0].mean():.3f} at the end; {guard.difference or f'{len(pairs)} seeds'}",
        low=found.low,
        high=found.high,
        control=float(pairs[:, 1].mean()),
        against="avalanche's at the end",
    )
