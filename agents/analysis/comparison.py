"""Compare runs: group runs that differ only in their seed, and compare the groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from agents.analysis.definitions import FAMILIES, History, measured
from agents.analysis.learning_curve import LearningCurve, own_curves
from agents.analysis.statistics import (
    Scores,
    difference,
    improvement,
    interquartile_estimate,
    mean_over_runs,
    paired_difference,
    restricted_mean,
)
from agents.config import RunConfig
from agents.config.strategy_pair import spelling
from agents.metrics import learned
from agents.story import Story, View

IGNORED = ("name", "seed", "device", "checkpoint")
"""Fields in which runs of one group may differ."""
Experts = Mapping[str, Mapping[int, LearningCurve]]
"""Learning curves of single-task agents, by the identity of the task and the seed."""


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A run's name and story."""

    run: str
    story: Story
    group: str = ""
    """The group that it belongs to; empty: that of the runs with the same settings."""

    @property
    def view(self) -> View:
        """The run's history up to its last step."""
        return self.story.until()


def compare(runs: Sequence[ComparedRun], experts: Sequence[ComparedRun] = (), level: float = 0.9) -> dict[str, Any]:
    """Return the metrics of each group of runs with intervals, and the differences between every two groups.

    `level` is the score of `steps_to_level`. Raises ValueError if the runs have different tasks, or if one was
    never evaluated.
    """
    tasks = [task.identity for task in runs[0].story.tasks]
    for compared in runs:
        if [task.identity for task in compared.story.tasks] != tasks:
            raise ValueError(f"{compared.run} has other tasks than {runs[0].run}; compare runs of the same tasks")
        if not len(compared.view.matrix()[0]):
            raise ValueError(f"{compared.run} was never evaluated; leave it out, or resume it")
    curves = _experts(experts)
    groups = _groups(runs)
    return {
        "tasks": [task.title for task in runs[0].story.tasks],
        "groups": [_group(name, members, curves, level) for name, members in groups.items()],
        "pairs": list(_between(groups)),
        "notes": list(dict.fromkeys(note for compared in runs for note in _notes(compared, curves))) if curves else [],
        "definitions": {family.key: {row.key: row.formula for row in family.rows} for family in FAMILIES},
        "level": level,
    }


def history_of(view: View, experts: Experts) -> History:
    """Return the input of the metrics; each task's expert is the one with the run's seed, or else the first."""
    matrix, own, _ = view.matrix()
    seed, candidates = view.story.config.seed, [experts.get(task.identity, {}) for task in view.tasks]
    chosen = tuple(by_seed.get(seed, next(iter(by_seed.values()), None)) for by_seed in candidates)
    return History(matrix, own, own_curves(view), chosen)


def _notes(compared: ComparedRun, experts: Experts) -> Iterator[str]:
    """Yield the reason for each task whose transfer can't be measured against an expert."""
    history = history_of(compared.view, experts)
    for task, own, expert in zip(compared.story.tasks, history.curves, history.experts, strict=True):
        if own is None:
            yield f"{task.title}: {compared.run} did not evaluate it twice in its own stage"
        elif expert is None:
            yield f"{task.title}: there is no expert; train one on this task alone, and give it with --expert"
        elif own.area(own.span) is None:
            yield f"{task.title}: {compared.run} did not evaluate it at the start of its own stage"
        elif (expert_area := expert.area(own.span)) is None:
            steps = f"{expert.span:,.0f} of {own.span:,.0f} steps"
            yield f"{task.title}: its expert was trained for {steps}; train it for as many"
        elif expert_area >= 1:
            yield f"{task.title}: its expert scored 1 from the first step, so that transfer is undefined"


def _experts(runs: Iterable[ComparedRun]) -> Experts:
    """Return the learning curves of single-task runs. Raises ValueError for other runs."""
    curves: dict[str, dict[int, LearningCurve]] = {}
    for compared in runs:
        clips = compared.view.clips
        curve = own_curves(compared.view)[clips[0].task_id] if len(clips) == 1 else None
        if curve is None:
            raise ValueError(
                f"{compared.run} is not a single-task expert: it must have exactly one stage, which has ended"
            )
        curves.setdefault(compared.story.tasks[clips[0].task_id].identity, {})[compared.story.config.seed] = curve
    return curves


def _groups(runs: Iterable[ComparedRun]) -> dict[str, list[ComparedRun]]:
    """Group runs by their group, and others with equal settings under the name of their strategy."""
    by_settings: dict[str, list[ComparedRun]] = {}
    named: dict[str, list[ComparedRun]] = {}
    for compared in runs:
        if compared.group:
            named.setdefault(compared.group, []).append(compared)
        else:
            by_settings.setdefault(_settings(compared.story.config), []).append(compared)
    for members in by_settings.values():
        name = spelling(members[0].story.config.strategy)
        same = sum(other.partition(" (")[0] == name for other in named)
        named[f"{name} ({same + 1})" if same else name] = members
    return named


def _settings(config: RunConfig) -> str:
    return config.without_stage_ids().model_dump_json(exclude=set(IGNORED))


def _group(name: str, members: Sequence[ComparedRun], experts: Experts, level: float) -> dict[str, Any]:
    histories = [history_of(compared.view, experts) for compared in members]
    numbers = [measured(history) for history in histories]
    final = [list(history.matrix[-1]) for history in histories]
    return {
        "name": name,
        "runs": [compared.run for compared in members],
        "seeds": [compared.story.config.seed for compared in members],
        "learned": _mean([learned(history.matrix, history.own) for history in histories]),
        "final": _mean(final),
        "final_interquartile": _interquartile(final),
        "families": {
            family.key: {row.key: _mean([[own[family.key][row.key]] for own in numbers]) for row in family.rows}
            for family in FAMILIES
        },
        "steps_to_level": [
            _steps_to(curves, level) for curves in zip(*(history.curves for history in histories), strict=True)
        ],
    }


def _mean(rows: Sequence[Sequence[float | None]]) -> dict[str, Any] | None:
    """Return the mean of scores by run and task, (R, T), over the tasks that all runs have; None without any."""
    scores = _complete(rows)
    return None if scores is None else asdict(mean_over_runs(scores))


def _interquartile(rows: Sequence[Sequence[float | None]]) -> dict[str, Any] | None:
    scores = _complete(rows)
    estimated = None if scores is None else interquartile_estimate(scores)
    return None if estimated is None else asdict(estimated)


def _complete(rows: Sequence[Sequence[float | None]]) -> Scores | None:
    scores = np.array([[np.nan if value is None else value for value in row] for row in rows], dtype=float)
    complete = scores[:, ~np.isnan(scores).any(axis=0)]  # (runs, complete tasks)
    return complete if complete.size else None


def _steps_to(curves: Sequence[LearningCurve | None], level: float) -> dict[str, Any] | None:
    """Return the restricted mean of the steps to a score, with how many runs reached it; None without any curve."""
    known = [curve for curve in curves if curve is not None]
    if not known:
        return None
    horizon, steps = max(curve.span for curve in known), [curve.steps_to(level) for curve in known]
    reached = sum(step is not None for step in steps)
    return {**asdict(restricted_mean(steps, horizon)), "reached": reached, "horizon": horizon}


def _between(groups: Mapping[str, Sequence[ComparedRun]]) -> Iterator[dict[str, Any]]:
    """Yield the difference of the final scores of every two groups, and the probability of improvement."""
    by_seed = {name: _by_seed(members) for name, members in groups.items()}
    for one, other in combinations(groups, 2):
        ours, theirs = by_seed[one], by_seed[other]
        shared = [seed for seed in ours if seed in theirs]
        is_paired = len(shared) > 1
        rows = [[scores[seed] for seed in (shared if is_paired else scores)] for scores in (ours, theirs)]
        known = ~np.isnan(np.concatenate(rows)).any(axis=0)
        if known.any():
            first, second = (np.array(each)[:, known] for each in rows)
            estimated = paired_difference(first, second) if is_paired else difference(first, second)
            yield {
                "of": one,
                "over": other,
                "paired_seeds": shared if is_paired else [],
                "difference": asdict(estimated),
                "improvement": asdict(improvement(first, second)),
            }


def _by_seed(members: Sequence[ComparedRun]) -> dict[int, Scores]:
    """Return the final scores, (T,), by seed; of several runs with one seed, those of the last."""
    return {run.story.config.seed: np.asarray(run.view.matrix()[0][-1], dtype=float) for run in members}
