"""Does the language agent keep six tasks in words, and what does each strategy cost and gain?

A table as in Continual World (Wołczyk et al. 2021): score at the end, forgetting, forward transfer against agents
that learn each task alone. Every life is an ordinary run beside the others, tagged `bench sequence`: it opens in
the window, is never lived twice, and goes on where it was interrupted. The settings were chosen with seeds from
100 on; the figures are from seeds from 0 on.
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
from agents.analysis.statistics import estimate
from agents.benchmarks.learning.cached_runs import CachedRun, cached
from agents.benchmarks.report.chart import Chart, Points, Series, curve
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import Findings, unpromised
from agents.config import RunConfig, config_file, single_task
from agents.config.single_task import single_task_configs
from agents.registry import STRATEGIES, names
from agents.store.run_store import RunStore

TAG = "bench sequence"
NAIVE = "naive"
HALF = "half"
"""Of what is forgotten without a strategy."""
SMALL: Mapping[str, Any] = {
    "model.width": 16,
    "learning.n_envs": 8,
    "learning.n_steps": 8,
    "evaluation.n_eval_episodes": 2,
    "evaluation.eval_freq": 128,
}


@dataclass(frozen=True, slots=True)
class ComparisonArm:
    """A strategy, its settings, and what is promised of it; None: it is only reported."""

    strategy: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    learned: float | None = 0.8
    """How well each task must be known right after its own stage, at least."""
    forgotten: tuple[str, float | str] | None = ("≤", 0.05)
    """What may be lost of it until the end."""


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
"""Those that the lab does not have are left out."""


def measure(seeds: int = 5, jobs: int = 1, quick: bool = False, runs: Path | None = None) -> Findings:
    """Live the sequence under every strategy, and every task alone; return the table and the curves.

    `jobs` lives go on at a time; `quick` lives two short stages with a tiny agent, elsewhere.
    """
    torch.set_num_threads(1)  # a small model is ten times slower on two threads
    if not quick:
        return _measured(config_file.load(resources.path("benchmarks/sequence.toml")), seeds, jobs, runs)
    with TemporaryDirectory() as folder:
        found = _measured(shortened(), 1, jobs, Path(folder))
    return Findings(unpromised(found.figures), found.charts)


def shortened() -> RunConfig:
    """Return the sequence with two stages of a few steps and a tiny agent: enough to see that it works."""
    whole = config_file.load(resources.path("benchmarks/sequence.toml"))
    stages = tuple(stage.model_copy(update={"steps": 256}) for stage in whole.stages[:2])
    return whole.model_copy(update={"stages": stages}).changed(dict(SMALL))


def _measured(sequence: RunConfig, seeds: int, jobs: int, runs: Path | None) -> Findings:
    arms = [arm for arm in ARMS if arm.strategy in names(STRATEGIES)]
    wanted = [life for seed in range(seeds) for life in (*experts(sequence, seed), *in_a_row(sequence, arms, seed))]
    told = cached(wanted, RunStore(runs).root, jobs)
    singles = [one for life, one in zip(wanted, told, strict=True) if len(life.config.stages) == 1]
    groups = {
        arm.strategy: [
            one
            for life, one in zip(wanted, told, strict=True)
            if len(life.config.stages) > 1 and life.config.strategy.name == arm.strategy
        ]
        for arm in arms
    }
    return Findings(tuple(_table(arms, groups, singles)), (_chart(groups),))


def in_a_row(sequence: RunConfig, arms: Sequence[ComparisonArm], seed: int) -> Iterator[CachedRun]:
    """Yield the whole sequence under every strategy."""
    for arm in arms:
        settings = {f"strategy.{key}": value for key, value in arm.settings.items()}
        config = sequence.changed({"seed": seed, "strategy.name": arm.strategy, **settings})
        yield CachedRun(f"{sequence.name}, {arm.strategy}, seed {seed}", config, (TAG,))


def experts(sequence: RunConfig, seed: int) -> Iterator[CachedRun]:
    """Yield every task of the sequence, learned by an agent that knows nothing before: the single-task experts."""
    for config in single_task_configs(sequence.changed({"seed": seed})):
        yield CachedRun(f"{config.name}, seed {seed}", config, (TAG, single_task.TAG))


def _table(
    arms: Sequence[ComparisonArm], groups: Mapping[str, Sequence[ComparedRun]], experts: Sequence[ComparedRun]
) -> Iterator[Figure]:
    """Yield four numbers of each strategy, and what the experts know."""
    compared = compare([one for group in groups.values() for one in group], experts)
    known = {group["name"]: group for group in compared["groups"]}
    without = known[NAIVE]["families"]["chaudhry"]
    for arm in arms:
        families = known[arm.strategy]["families"]
        yield _learned(arm, groups[arm.strategy])
        yield _number(f"{arm.strategy}: at the end", families["chaudhry"]["average"], without["average"])
        yield _forgotten(arm, families["chaudhry"]["forgetting"], without["forgetting"])
        transfer = families["continual-world"]["forward"]
        if transfer is not None:
            yield _number(f"{arm.strategy}: forward transfer", transfer, None)
    scores = [one.view.metrics()["learned"] or 0.0 for one in experts]
    yield Figure("each task alone: learned", fmean(scores), "of 1", source="single-task experts, mean over all")


def _learned(arm: ComparisonArm, group: Sequence[ComparedRun]) -> Figure:
    found = estimate(np.array([[one.view.metrics()["learned"]] for one in group], dtype=float))
    untrained = fmean(float(np.nanmean(one.view.matrix()[0][0])) for one in group)
    return Figure(
        name=f"{arm.strategy}: learned",
        value=found.value,
        unit="of 1",
        goal="" if arm.learned is None else f"≥ {arm.learned:g}",
        holds=arm.learned is None or found.value >= arm.learned,
        source=f"each task right after its own stage: {_by_task(group)}; {len(group)} seeds",
        low=found.low,
        high=found.high,
        control=untrained,
        against="untrained",
    )


def _by_task(group: Sequence[ComparedRun]) -> str:
    """Say how well each task was learned, in the mean over seeds."""
    rows = []
    for one in group:
        matrix, own, _ = one.view.matrix()
        rows.append([float("nan") if row is None else matrix[row, task_id] for task_id, row in enumerate(own)])
    titles = [task.title for task in group[0].view.tasks]
    return ", ".join(f"{title} {score:.2f}" for title, score in zip(titles, np.mean(rows, axis=0), strict=True))


def _forgotten(arm: ComparisonArm, number: Mapping[str, float], without: Mapping[str, float]) -> Figure:
    name = f"{arm.strategy}: forgetting"
    if arm.forgotten is None:
        return _number(name, number, without)
    comparison, bound = arm.forgotten
    limit = round(without["value"] / 2, 3) if isinstance(bound, str) else bound
    holds = number["value"] >= limit if comparison == "≥" else number["value"] <= limit
    return _number(name, number, without, f"{comparison} {limit:g}", holds)


def _number(
    name: str, number: Mapping[str, float], without: Mapping[str, float] | None, goal: str = "", holds: bool = True
) -> Figure:
    """Return an interquartile mean over seeds beside the same number of agents without a strategy."""
    source = "area under the curve against the single-task experts; Wołczyk et al. 2021" if without is None else ""
    return Figure(
        name=name,
        value=number["value"],
        unit="of 1",
        goal=goal,
        holds=holds,
        source=source or f"Chaudhry et al. 2018; {number['runs']} seeds",
        low=number["low"],
        high=number["high"],
        control=None if without is None or name.startswith(NAIVE) else without["value"],
        against="" if without is None or name.startswith(NAIVE) else NAIVE,
    )


def _chart(groups: Mapping[str, Sequence[ComparedRun]]) -> Chart:
    """How well all six tasks are known in the mean, while one after another is learned."""
    series: list[Series] = []
    for strategy, group in groups.items():
        series.append(curve(strategy, [_known(one) for one in group], is_control=strategy == NAIVE))
    return Chart("Six texts, one after another", "steps", "mean score of all tasks", tuple(series))


def _known(one: ComparedRun) -> Points:
    points = {score.step: fmean(known or 0.0 for known in score.scores) for score in one.story.evaluations}
    return tuple((float(step), mean) for step, mean in points.items())
