"""Do the strategies reduce forgetting in small networks? Permuted and split digits, beside naive and joint learning.

The strategies are those of the language agent, with the same learner and hooks. Their settings were chosen on
validation images (`agents/benchmarks/digits/sweep.py`); the figures are from other images.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from agents.analysis.definitions import FAMILIES, History
from agents.analysis.statistics import Scores, mean_over_runs
from agents.benchmarks.digits.digits_avalanche import beside_avalanche
from agents.benchmarks.digits.sweep import BUDGETS, settings
from agents.benchmarks.report.chart import Chart, curve_chart
from agents.benchmarks.report.figure import Figure, at_most, mean_at_least
from agents.benchmarks.report.progress import print_progress
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
"""Minimum lead over naive in final accuracy, by sequence and strategy."""
UNFORGETTING = "packnet"
"""Fixes the weights of earlier tasks, so that the prediction of no image may change."""
LEARNED, FORGOTTEN, CEILING = 0.9, 0.5, 0.93
Matrices = NDArray[np.float64]
"""Evaluation matrices, (S, K + 1, K) for S seeds and K tasks; row 0 is before training."""


def measure(seeds: int = 5, quick: bool = False, avalanche: bool = False) -> Findings:
    """Train on both sequences with every strategy, and online on one stream; `quick` takes seconds, with one epoch.

    With `avalanche`, compare with that library's strategies on the sequences instead, seed by seed.
    """
    torch.set_num_threads(1)  # a small network is many times slower on two threads
    if avalanche:
        return Findings(tuple(beside_avalanche(seeds)))
    figures: list[Figure] = []
    charts = []
    for sequence in BUDGETS:
        budget = replace(BUDGETS[sequence], epochs=1) if quick else BUDGETS[sequence]
        matrices = {arm.strategy: _train(arm, seeds, budget) for arm in _arms(sequence)}
        charts.append(_chart(sequence, matrices))
        figures += [*_baselines(sequence, matrices), *_gains(sequence, matrices)]
        if UNFORGETTING in matrices:
            figures.append(_largest_drop(sequence, matrices[UNFORGETTING]))
    return Findings((*figures, *_streams(seeds)), tuple(charts))


def mean_over_seeds(name: str, values: Scores, bound: float | None, source: str) -> Figure:
    """Return the mean of `values`, (S,) for S seeds, with its interval; the goal is at least `bound`."""
    return mean_at_least(name, mean_over_runs(values), "of 1", bound, f"{source}; {len(values)} seeds")


def _arms(sequence: str) -> list[DigitArm]:
    chosen = {NAIVE: {}, JOINT: {}, **settings()[sequence]}
    return [DigitArm(sequence, strategy, options) for strategy, options in chosen.items()]


def _train(arm: DigitArm, seeds: int, budget: Budget) -> Matrices:
    matrices = np.array([learn(arm, seed, budget) for seed in range(seeds)])
    print_progress(f"{arm.sequence} {arm.strategy}: {matrices[:, -1].mean():.3f} at the end")
    return matrices


def _when_learned(matrices: Matrices) -> Matrices:
    """Return the accuracy on each task right after its own stage, (S, K)."""
    return np.diagonal(matrices[:, 1:], axis1=1, axis2=2)


def _baselines(sequence: str, matrices: Mapping[str, Matrices]) -> list[Figure]:
    """Return the controls: forgetting without a strategy, and the upper bound of joint training."""
    naive, joint = matrices[NAIVE], matrices[JOINT]
    is_hard = sequence == "permuted"
    learned = _when_learned(naive)
    worst = learned[:, learned.mean(axis=0).argmin()]
    title, forgotten, ceiling = f"{sequence} digits", FORGOTTEN if is_hard else None, CEILING if is_hard else None
    return [
        mean_over_seeds(f"{title}, naive, worst task when learned", worst, LEARNED, "accuracy after its own stage"),
        mean_over_seeds(f"{title}, naive forgets", _forgetting(naive), forgotten, "Chaudhry 2018"),
        mean_over_seeds(f"{title}, naive at the end", naive[:, -1].mean(axis=1), None, "mean over the tasks"),
        mean_over_seeds(f"{title}, joint", joint[:, -1].mean(axis=1), ceiling, "all tasks at once"),
    ]


def _gains(sequence: str, matrices: Mapping[str, Matrices]) -> list[Figure]:
    """Return the lead of each strategy over naive in final accuracy, seed by seed."""
    naive = matrices[NAIVE][:, -1].mean(axis=1)
    figures = []
    for name, matrix in matrices.items():
        if name in (NAIVE, JOINT):
            continue
        final, learned, forgetting = matrix[:, -1].mean(axis=1), _when_learned(matrix), _forgetting(matrix)
        source = f"{final.mean():.3f} at the end, {learned.mean():.3f} when learned, forgets {forgetting.mean():.3f}"
        bound = GAINS.get((sequence, name))
        figure = mean_over_seeds(f"{sequence} digits, {name} over naive", final - naive, bound, source)
        figures.append(figure.beside(float(naive.mean()), "naive knows at the end"))
    return figures


def _largest_drop(sequence: str, matrices: Matrices) -> Figure:
    """Return the largest drop in accuracy of any task with any seed."""
    drop = float((_when_learned(matrices) - matrices[:, -1]).max())
    source = f"the largest fall of any task since its own stage, {len(matrices)} seeds"
    return at_most(f"{sequence} digits, {UNFORGETTING} forgets", drop, "of 1", 0, source)


def _chart(sequence: str, matrices: Mapping[str, Matrices]) -> Chart:
    """Plot the mean accuracy on all tasks trained so far, after each stage."""
    curves = {
        name: [[(stage, float(rows[stage, :stage].mean())) for stage in range(1, len(rows))] for rows in by_seed]
        for name, by_seed in matrices.items()
    }
    title = f"{sequence.capitalize()} digits"
    return curve_chart(title, "tasks taught", "accuracy on them", curves, controls=(NAIVE, JOINT))


def _forgetting(matrices: Matrices) -> Scores:
    """Return the forgetting of Chaudhry et al. (2018), (S,)."""
    forgetting, own_rows = FAMILIES[0].row("forgetting"), tuple(range(1, matrices.shape[1]))
    return np.array([forgetting.value(History(matrix, own_rows)) for matrix in matrices], dtype=float)


def _streams(seeds: int) -> list[Figure]:
    """Compare training sample by sample with training in batches, on the same images in the same order."""
    results: dict[str, list[OnlineResult]] = {
        f"online {name}, rate {rate:g}": [learn_online(name, rate, seed) for seed in range(seeds)]
        for name, rate in settings()["online"].items()
    }
    results["in batches"] = [learn_in_batches(seed) for seed in range(seeds)]
    return [
        mean_over_seeds(
            f"one stream, {name}, prequential",
            np.array([result.prequential for result in by_seed]),
            None,
            f"held out afterwards {np.mean([result.held_out for result in by_seed]):.3f}",
        )
        for name, by_seed in results.items()
    ]
