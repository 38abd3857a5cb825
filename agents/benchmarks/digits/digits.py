"""Do the strategies keep what small networks forget? Permuted and split digits, beside naive and joint learning.

The strategies are those of the language agent, by the same learner and the same hooks. Their settings were chosen on
validation images (`agents/benchmarks/digits/sweep.py`); the figures are from images that nothing was chosen on.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from agents.analysis.definitions import FAMILIES, History
from agents.analysis.statistics import Scores, estimate
from agents.benchmarks.digits.digits_avalanche import beside_avalanche
from agents.benchmarks.digits.sweep import BUDGETS, settings
from agents.benchmarks.report.chart import Chart, curve
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import Findings
from agents.supervised.online import OnlineResult, learn_in_batches, learn_online
from agents.supervised.sequence import JOINT, Budget, DigitArm, learn

NAIVE = "naive"
GAINS: Mapping[tuple[str, str], float] = {
    ("permuted", "ewc"): 0.12,
    ("permuted", "si"): 0.12,
    ("permuted", "replay"): 0.3,
    ("split", "lwf"): 0.1,
}
"""How much more than naive each strategy has to know at the end."""
UNFORGETTING = "packnet"
"""Owns weights for good, so that not one image of an earlier task may be named otherwise."""
LEARNED, FORGOTTEN, CEILING = 0.9, 0.5, 0.93
Curves = NDArray[np.float64]
"""(seeds, rows, tasks), R of each seed."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Makes figures; in a quick look nothing is promised."""

    promises: bool

    def figure(self, name: str, value: Scores, goal: float | None, source: str) -> Figure:
        """Return the mean over seeds, (seeds,), with its interval."""
        found = estimate(value[:, None], lambda scores: np.asarray(scores.mean(axis=(-2, -1))))
        promised = goal is not None and self.promises
        return Figure(
            name=name,
            value=found.value,
            unit="of 1",
            goal=f"≥ {goal}" if promised else "",
            holds=not promised or found.value >= (goal or 0.0),
            source=f"{source}; {len(value)} seeds",
            low=found.low,
            high=found.high,
        )


def measure(seeds: int = 5, quick: bool = False, avalanche: bool = False) -> Findings:
    """Learn both sequences with every strategy, and one stream online; `quick` takes seconds and promises nothing.

    With `avalanche`, learn the sequences beside that library's strategies instead, seed by seed.
    """
    torch.set_num_threads(1)  # a small network is many times slower on two threads
    if avalanche:
        return Findings(tuple(beside_avalanche(seeds)))
    judge = Judge(promises=not quick)
    figures: list[Figure] = []
    charts = []
    for sequence in BUDGETS:
        budget = replace(BUDGETS[sequence], epochs=1) if quick else BUDGETS[sequence]
        learned = {arm.strategy: _learned(arm, seeds, budget) for arm in _arms(sequence)}
        charts.append(_chart(sequence, learned))
        figures += _baselines(judge, sequence, learned)
        figures += _gains(judge, sequence, learned)
        if UNFORGETTING in learned:
            figures.append(_kept_exactly(judge, sequence, learned[UNFORGETTING]))
    return Findings((*figures, *_streams(judge, seeds)), tuple(charts))


def _arms(sequence: str) -> list[DigitArm]:
    chosen = settings()[sequence]
    return [
        DigitArm(sequence, NAIVE, {}),
        DigitArm(sequence, JOINT, {}),
        *(DigitArm(sequence, name, chosen[name]) for name in chosen),
    ]


def _learned(arm: DigitArm, seeds: int, budget: Budget) -> Curves:
    curves = np.array([learn(arm, seed, budget) for seed in range(seeds)])
    sys.stderr.write(f"{arm.sequence} {arm.strategy}: {curves[:, -1].mean():.3f} at the end\n")
    return curves


def _baselines(judge: Judge, sequence: str, learned: Mapping[str, Curves]) -> list[Figure]:
    """The controls: what is lost without a strategy, and what can be had at all."""
    naive, joint = learned[NAIVE], learned[JOINT]
    hard = sequence == "permuted"
    own = np.diagonal(naive[:, 1:], axis1=1, axis2=2)  # (seeds, tasks)
    worst = own[:, own.mean(axis=0).argmin()]
    about = f"{sequence} digits"
    return [
        judge.figure(f"{about}, naive, worst task when learned", worst, LEARNED, "accuracy after its own stage"),
        judge.figure(f"{about}, naive forgets", _forgotten(naive), FORGOTTEN if hard else None, "Chaudhry 2018"),
        judge.figure(f"{about}, naive at the end", naive[:, -1].mean(axis=1), None, "mean over the tasks"),
        judge.figure(f"{about}, joint", joint[:, -1].mean(axis=1), CEILING if hard else None, "all tasks at once"),
    ]


def _gains(judge: Judge, sequence: str, learned: Mapping[str, Curves]) -> list[Figure]:
    """What each strategy is worth, seed by seed against naive."""
    naive = learned[NAIVE][:, -1].mean(axis=1)
    figures = []
    for name, curves in learned.items():
        if name in (NAIVE, JOINT):
            continue
        final, own = curves[:, -1].mean(axis=1), np.diagonal(curves[:, 1:], axis1=1, axis2=2)
        told = f"{final.mean():.3f} at the end, {own.mean():.3f} when learned, forgets {_forgotten(curves).mean():.3f}"
        goal = GAINS.get((sequence, name))
        figure = judge.figure(f"{sequence} digits, {name} over naive", final - naive, goal, told)
        figures.append(figure.beside(float(naive.mean()), "naive knows at the end"))
    return figures


def _kept_exactly(judge: Judge, sequence: str, curves: Curves) -> Figure:
    """The largest fall of any task with any seed."""
    fall = float((np.diagonal(curves[:, 1:], axis1=1, axis2=2) - curves[:, -1]).max())
    return Figure(
        name=f"{sequence} digits, {UNFORGETTING} forgets",
        value=fall,
        unit="of 1",
        goal="≤ 0" if judge.promises else "",
        holds=not judge.promises or fall <= 0,
        source=f"the largest fall of any task since its own stage, {len(curves)} seeds",
    )


def _chart(sequence: str, learned: Mapping[str, Curves]) -> Chart:
    """How much of all that was taught so far is known, after each stage."""
    series = []
    for name, curves in learned.items():
        seeds = [[(stage, float(matrix[stage, :stage].mean())) for stage in range(1, len(matrix))] for matrix in curves]
        series.append(curve(name, seeds, is_control=name in (NAIVE, JOINT)))
    return Chart(f"{sequence.capitalize()} digits", "tasks taught", "accuracy on them", tuple(series))


def _forgotten(curves: Curves) -> Scores:
    forgetting, own = FAMILIES[0].row("forgetting"), range(1, curves.shape[1])
    return np.array([forgetting.value(History(matrix, tuple(own))) for matrix in curves], dtype=float)


def _streams(judge: Judge, seeds: int) -> list[Figure]:
    """Sample by sample against batches, on the same images in the same order."""
    rates = settings()["online"]
    ways: dict[str, list[OnlineResult]] = {
        f"online {name}, rate {rate:g}": [learn_online(name, rate, seed) for seed in range(seeds)]
        for name, rate in rates.items()
    }
    ways["in batches"] = [learn_in_batches(seed) for seed in range(seeds)]
    return [
        judge.figure(
            f"one stream, {way}, prequential",
            np.array([course.prequential for course in courses]),
            None,
            f"held out afterwards {np.mean([course.held_out for course in courses]):.3f}",
        )
        for way, courses in ways.items()
    ]
