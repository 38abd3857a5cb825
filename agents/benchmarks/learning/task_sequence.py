"""Does the language agent remember six text tasks, and what does each strategy cost and gain?

The table follows Continual World (Wołczyk et al., 2021): score at the end, forgetting, and forward transfer against
agents that learn each task alone. Each run is stored beside the others with the tag `bench sequence`: it opens in the
window, is executed only once, and is resumed if it was interrupted. The settings were chosen with seeds from 100 on;
the figures are from seeds from 0 on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

import resources
from agents.analysis.comparison import ComparedRun, compare
from agents.analysis.statistics import Estimate, mean_over_runs
from agents.benchmarks.learning.cached_runs import run_all
from agents.benchmarks.report.chart import Points, curve_chart
from agents.benchmarks.report.figure import Figure, mean_at_least
from agents.benchmarks.report.result import Findings
from agents.config import RunConfig, config_file, single_task
from agents.config.single_task import single_task_configs
from agents.registry import STRATEGIES, names
from agents.store.run_store import RunStore
from agents.studies.trials import Trial

TAG = "bench sequence"
NAIVE = "naive"
HALF = "half"
"""Bound on forgetting: half of the forgetting without a strategy."""
SMALL: Mapping[str, Any] = {
    "model.width": 16,
    "learning.n_envs": 8,
    "learning.n_steps": 8,
    "evaluation.n_eval_episodes": 2,
    "evaluation.eval_freq": 128,
}


@dataclass(frozen=True, slots=True)
class ComparisonArm:
    """A strategy, its settings and its goals; None: the number is only reported."""

    strategy: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    learned: float | None = 0.8
    """Minimum mean score of the tasks, each right after its own stage."""
    forgotten: tuple[str, float | str] | None = ("≤", 0.05)
    """Comparison and bound for the mean forgetting at the end."""


ARMS = (
    ComparisonArm(NAIVE, forgotten=("≥", 0.35)),
    ComparisonArm("joint", learned=None, forgotten=None),
    ComparisonArm("replay"),
    ComparisonArm("packnet", {"keep_ratio": 0.25}),
    ComparisonArm("adapters", {"rank": 32, "learning_rate": 0.003}),
    ComparisonArm("ewc", {"strength": 5.0}, learned=0.7, forgotten=("≤", HALF)),
    ComparisonArm("progress_compress", learned=None, forgotten=None),
    ComparisonArm("clear", learned=None, forgotten=None),
)
"""Strategies that are not registered are skipped."""


def measure(seeds: int = 5, jobs: int = 1, quick: bool = False, runs: Path | None = None) -> Findings:
    """Run the sequence with every strategy, and every task alone; return the table and the curves.

    `jobs` processes run at a time; `quick` runs two short stages with a tiny agent, in a temporary folder.
    """
    torch.set_num_threads(1)  # a small model is ten times slower on two threads
    if not quick:
        return _measured(config_file.load(resources.path("benchmarks/sequence.toml")), seeds, jobs, runs)
    with TemporaryDirectory() as folder:
        return _measured(shortened(), 1, jobs, Path(folder))


def shortened() -> RunConfig:
    """Return the sequence with two stages of a few steps and a tiny agent, to test that it works."""
    whole = config_file.load(resources.path("benchmarks/sequence.toml"))
    stages = tuple(stage.model_copy(update={"steps": 256}) for stage in whole.stages[:2])
    return whole.model_copy(update={"stages": stages}).changed(dict(SMALL))


def _measured(sequence: RunConfig, seeds: int, jobs: int, runs: Path | None) -> Findings:
    arms = [arm for arm in ARMS if arm.strategy in names(STRATEGIES)]
    requests = [
        run for seed in range(seeds) for run in (*expert_runs(sequence, seed), *sequence_runs(sequence, arms, seed))
    ]
    finished = list(zip(requests, run_all(requests, RunStore(runs).root, jobs), strict=True))
    singles = [run for request, run in finished if len(request.config.stages) == 1]
    groups = {
        arm.strategy: [
            run
            for request, run in finished
            if len(request.config.stages) > 1 and request.config.strategy.name == arm.strategy
        ]
        for arm in arms
    }
    curves = {strategy: [_mean_curve(run) for run in group] for strategy, group in groups.items()}
    chart = curve_chart("Six texts, one after another", "steps", "mean score of all tasks", curves, (NAIVE,))
    return Findings(tuple(_table(arms, groups, singles)), (chart,))


def sequence_runs(sequence: RunConfig, arms: Sequence[ComparisonArm], seed: int) -> Iterator[Trial]:
    """Yield a run of the whole sequence for every strategy."""
    for arm in arms:
        settings = {f"strategy.{key}": value for key, value in arm.settings.items()}
        config = sequence.changed({"seed": seed, "strategy.name": arm.strategy, **settings})
        yield Trial(f"{sequence.name}, {arm.strategy}, seed {seed}", config, (TAG,))


def expert_runs(sequence: RunConfig, seed: int) -> Iterator[Trial]:
    """Yield a run of every task of the sequence alone, from an untrained agent: the single-task experts."""
    for config in single_task_configs(sequence.changed({"seed": seed})):
        yield Trial(f"{config.name}, seed {seed}", config, (TAG, single_task.TAG))


def _table(
    arms: Sequence[ComparisonArm], groups: Mapping[str, Sequence[ComparedRun]], experts: Sequence[ComparedRun]
) -> Iterator[Figure]:
    """Yield four numbers for each strategy, and the mean score of the experts."""
    compared = compare([run for group in groups.values() for run in group], experts)
    by_strategy = {group["name"]: group["families"] for group in compared["groups"]}
    naive = by_strategy[NAIVE]["chaudhry"]
    for arm in arms:
        families = by_strategy[arm.strategy]
        yield _learned(arm, groups[arm.strategy])
        yield _number(f"{arm.strategy}: at the end", families["chaudhry"]["average"], naive["average"])
        yield _forgotten(arm, families["chaudhry"]["forgetting"], naive["forgetting"])
        transfer = families["continual-world"]["forward"]
        if transfer is not None:
            yield _number(f"{arm.strategy}: forward transfer", transfer, None)
    scores = [run.view.metrics()["learned"] or 0.0 for run in experts]
    yield Figure("each task alone: learned", fmean(scores), "of 1", source="single-task experts, mean over all")


def _learned(arm: ComparisonArm, group: Sequence[ComparedRun]) -> Figure:
    mean = mean_over_runs(np.array([run.view.metrics()["learned"] for run in group], dtype=float))
    untrained = fmean(float(np.nanmean(run.view.matrix()[0][0])) for run in group)
    source = f"each task right after its own stage: {_by_task(group)}; {len(group)} seeds"
    figure = mean_at_least(f"{arm.strategy}: learned", mean, "of 1", arm.learned, source)
    return figure.beside(untrained, "untrained")


def _by_task(group: Sequence[ComparedRun]) -> str:
    """Return the score of each task right after its own stage, as text; means over the seeds."""
    rows = []
    for run in group:
        matrix, own_rows, _ = run.view.matrix()
        rows.append([float("nan") if row is None else matrix[row, task_id] for task_id, row in enumerate(own_rows)])
    titles = [task.title for task in group[0].view.tasks]
    return ", ".join(f"{title} {score:.2f}" for title, score in zip(titles, np.mean(rows, axis=0), strict=True))


def _forgotten(arm: ComparisonArm, number: Mapping[str, Any], naive: Mapping[str, Any]) -> Figure:
    name = f"{arm.strategy}: forgetting"
    if arm.forgotten is None:
        return _number(name, number, naive)
    comparison, bound = arm.forgotten
    limit = round(naive["value"] / 2, 3) if isinstance(bound, str) else bound
    mean = Estimate(**number)
    holds = mean.is_at_least(limit) if comparison == "≥" else mean.is_at_most(limit)
    return _number(name, number, naive, f"{comparison} {limit:g}", holds)


def _number(
    name: str, number: Mapping[str, Any], naive: Mapping[str, Any] | None, goal: str = "", holds: bool = True
) -> Figure:
    """Return a mean over seeds, beside the same number without a strategy as control."""
    source = f"Chaudhry et al. 2018; {number['runs']} seeds"
    if naive is None:
        source = "area under the curve against the single-task experts; Wołczyk et al. 2021"
    figure = Figure(name, number["value"], "of 1", goal, holds, source).with_interval(number["low"], number["high"])
    return figure if naive is None or name.startswith(NAIVE) else figure.beside(naive["value"], NAIVE)


def _mean_curve(run: ComparedRun) -> Points:
    """Return (step, mean score of all tasks) at each evaluation; of several at one step, the last."""
    points = {found.step: fmean(score or 0.0 for score in found.scores) for found in run.story.evaluations}
    return tuple((float(step), mean) for step, mean in points.items())
