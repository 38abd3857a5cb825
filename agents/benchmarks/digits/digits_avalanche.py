"""Compare the accuracy of our strategies with that of avalanche's, on the same images, network and budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import torch

from agents.analysis.statistics import Scores, mean_over_runs
from agents.benchmarks.digits import avalanche, avalanche_sweep, sweep
from agents.benchmarks.digits.avalanche_strategies import STRATEGIES, AvalancheStrategy
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.progress import print_progress
from agents.supervised import sequence
from agents.supervised.sequence import DigitArm

Learn = Callable[..., Scores]
MARGIN = 0.03
"""Difference in accuracy up to which two implementations count as equivalent."""


def beside_avalanche(seeds: int) -> list[Figure]:
    """Train with both libraries, seed by seed. Raises BadInput with the remedy if avalanche is not installed."""
    torch.set_num_threads(1)
    avalanche.require()
    ours, theirs = sweep.settings(), avalanche_sweep.settings()

    @cache
    def our_finals(name: str, strategy: str) -> Scores:
        return _finals(sequence.learn, DigitArm(name, strategy, ours[name][strategy]), seeds)

    figures = []
    for name, strategies in theirs.items():
        for key, settings in strategies.items():
            strategy = STRATEGIES[key]
            finals = _finals(avalanche.learn, DigitArm(name, key, settings), seeds)
            figures.append(compare(name, strategy, np.stack([our_finals(name, strategy.ours), finals], axis=1)))
    return figures


def _finals(learn: Learn, arm: DigitArm, seeds: int) -> Scores:
    """Return the mean accuracy over the tasks at the end, (S,) for S seeds."""
    budget = replace(sweep.BUDGETS[arm.sequence], by_label=True)  # as avalanche's replay
    finals = np.array([learn(arm, seed, budget)[-1].mean() for seed in range(seeds)])
    library = learn.__module__.rpartition(".")[2]
    print_progress(f"{library}, {arm.sequence} {arm.strategy}: {finals.mean():.3f}")
    return finals


def compare(name: str, strategy: AvalancheStrategy, pairs: Scores) -> Figure:
    """Return the mean difference of ours, column 0, and theirs, column 1, of `pairs`, (S, 2) for S seeds.

    They agree if the 95% interval over the seeds lies within ± `MARGIN`.
    """
    estimated = mean_over_runs(pairs[:, 0] - pairs[:, 1])
    correction = f" with {strategy.correction}" if strategy.correction else ""
    figure = Figure(
        name=f"{name} digits, {strategy.ours} above avalanche's{correction}",
        value=estimated.value,
        unit="of 1",
        goal="" if strategy.difference else f"within ± {MARGIN:g}",
        holds=bool(strategy.difference) or estimated.is_within(MARGIN),
        source=f"ours {pairs[:, 0].mean():.3f} at the end; {strategy.difference or f'{len(pairs)} seeds'}",
    )
    figure = figure.with_interval(estimated.low, estimated.high)
    return figure.beside(float(pairs[:, 1].mean()), "avalanche's at the end")
