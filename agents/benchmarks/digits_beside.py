"""Do our strategies and avalanche's end alike, on the same images, network and budget? One figure a strategy."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch

from agents.benchmarks.figure import Figure
from agents.statistics import Scores, estimate
from agents.supervised import avalanche, avalanche_sweep, sequence, sweep
from agents.supervised.sequence import Arm

SILENT: Mapping[str, str] = {
    "si": "avalanche 0.6 notes the weights before a step as a view of them, so on a CPU no weight seems to move",
}
"""Strategies of avalanche that do nothing here, and why: they are told, and nothing is promised of them."""


def beside_avalanche(seeds: int) -> list[Figure]:
    """Learn with theirs and with ours, seed by seed. Raises BadInput with the remedy if avalanche isn't installed."""
    torch.set_num_threads(1)
    avalanche.require()
    ours, theirs = sweep.settings(), avalanche_sweep.settings()
    return [
        _figure(Arm(order, name, ours[order][name]), Arm(order, name, settings), seeds)
        for order in theirs
        for name, settings in theirs[order].items()
    ]


def _figure(ours: Arm, theirs: Arm, seeds: int) -> Figure:
    budget = replace(sweep.BUDGETS[ours.sequence], by_label=True)  # so does avalanche's replay
    both = ((sequence.learn, ours), (avalanche.learn, theirs))
    pairs = np.array([[learn(arm, seed, budget)[-1].mean() for learn, arm in both] for seed in range(seeds)])
    sys.stderr.write(f"{ours.sequence} {ours.strategy}, ours and avalanche's: {pairs.mean(axis=0).round(3)}\n")
    return judged(ours, pairs)


def judged(arm: Arm, pairs: Scores) -> Figure:
    """Return how far ours, column 0, end above theirs, column 1; alike if the seeds' interval holds no difference."""
    found = estimate((pairs[:, 0] - pairs[:, 1])[:, None], lambda scores: np.asarray(scores.mean(axis=(-2, -1))))
    promised = arm.strategy not in SILENT
    return Figure(
        name=f"{arm.sequence} digits, {arm.strategy} above avalanche's",
        value=found.value,
        unit="of 1",
        goal="0 within the interval" if promised else "",
        holds=not promised or found.low <= 0 <= found.high,
        source=f"ours {pairs[:, 0].mean():.3f} at the end; {SILENT.get(arm.strategy, f'{len(pairs)} seeds')}",
        low=found.low,
        high=found.high,
        control=float(pairs[:, 1].mean()),
        against="avalanche's at the end",
    )
