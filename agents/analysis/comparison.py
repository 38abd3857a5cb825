"""Compare runs: group the seeds of equal settings, and compare the groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from agents.analysis.definitions import FAMILIES, History, measured
from agents.analysis.learning_curve import LearningCurve, own_curves
from agents.analysis.statistics import Estimate, Scores, estimate, improvement
from agents.config import RunConfig
from agents.config.strategy_pair import spelling
from agents.metrics import learned
from agents.story import Story, View

OF_NO_MATTER = ("name", "seed", "device", "checkpoint")
"""Runs that differ in these alone are the same experiment."""
Experts = Mapping[str, Mapping[int, LearningCurve]]
"""Curves of agents that learned one task alone, by the identity of the task and the seed."""


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A run by its name, and its story."""

    run: str
    story: Story

    @property
    def view(self) -> View:
        """The story to its end."""
        return self.story.until()


def compare(runs: Sequence[ComparedRun], experts: Sequence[ComparedRun] = (), level: float = 0.9) -> dict[str, Any]:
    """Return every number of every set of settings with its interval, and how often one set beats another.

    Raises ValueError if the runs did not learn the same tasks, or if one of them was never scored.
    """
    tasks = [task.identity for task in runs[0].story.tasks]
    for told in runs:
        if [task.identity for task in told.story.tasks] != tasks:
            raise ValueError(f"{told.run} has other tasks than {runs[0].run}; compare runs of the same tasks")
        if not len(told.view.matrix()[0]):
            raise ValueError(f"{told.run} was never scored; leave it out, or resume it")
    alone = _experts(experts)
    groups = _groups(runs)
    return {
        "tasks": [task.title for task in runs[0].story.tasks],
        "groups": [_group(name, members, alone, level) for name, members in groups.items()],
        "improvements": _improvements(groups),
        "notes": list(dict.fromkeys(note for told in runs for note in _unknown(told, alone))) if alone else [],
        "definitions": {family.key: {row.key: row.formula for row in family.rows} for family in FAMILIES},
        "level": level,
    }


def history_of(view: View, experts: Experts) -> History:
    """Return all that the definitions look at of a run; each task's expert is the one of its seed, or the first."""
    matrix, own, _ = view.matrix()
    seed, alone = view.story.config.seed, [experts.get(task.identity, {}) for task in view.tasks]
    chosen = tuple(known.get(seed, next(iter(known.values()), None)) for known in alone)
    return History(matrix, own, own_curves(view), chosen)


def _unknown(told: ComparedRun, experts: Experts) -> Iterator[str]:
    """Say for each task by which no expert can be measured, why not."""
    history = history_of(told.view, experts)
    for task, own, expert in zip(told.story.tasks, history.curves, history.experts, strict=True):
        if own is None:
            yield f"{task.title}: {told.run} did not score it twice in its own stage"
        elif expert is None:
            yield f"{task.title}: no expert is given; learn it alone, and name it with --expert"
        elif own.area(own.span) is None:
            yield f"{task.title}: {told.run} did not score it when its own stage began"
        elif (alone := expert.area(own.span)) is None:
            lived = f"{expert.span:,.0f} of {own.span:,.0f} steps"
            yield f"{task.title}: its expert lived {lived}; let it learn for as long"
        elif alone >= 1:
            yield f"{task.title}: its expert knew all from the first step, so that nothing could be gained"


def _experts(runs: Iterable[ComparedRun]) -> Experts:
    """Return the curve of each run's only task, learned by an agent that was untrained before."""
    found: dict[str, dict[int, LearningCurve]] = {}
    for told in runs:
        clips = told.view.clips
        curve = own_curves(told.view)[clips[0].task_id] if len(clips) == 1 else None
        if curve is None:
            raise ValueError(f"{told.run} is no single-task expert: it must have one stage that came to its end")
        found.setdefault(told.story.tasks[clips[0].task_id].identity, {})[told.story.config.seed] = curve
    return found


def _groups(runs: Iterable[ComparedRun]) -> dict[str, list[ComparedRun]]:
    """Put runs of equal settings together, under the name of their strategy."""
    by_settings: dict[str, list[ComparedRun]] = {}
    for told in runs:
        by_settings.setdefault(_settings(told.story.config), []).append(told)
    named: dict[str, list[ComparedRun]] = {}
    for members in by_settings.values():
        name = spelling(members[0].story.config.strategy)
        same = sum(other.partition(" (")[0] == name for other in named)
        named[f"{name} ({same + 1})" if same else name] = members
    return named


def _settings(config: RunConfig) -> str:
    stages = tuple(stage.model_copy(update={"id": ""}) for stage in config.stages)
    left = config.model_copy(update={"stages": stages})
    return left.model_dump_json(exclude=set(OF_NO_MATTER))


def _group(name: str, members: Sequence[ComparedRun], experts: Experts, level: float) -> dict[str, Any]:
    histories = [history_of(told.view, experts) for told in members]
    numbers = [measured(history) for history in histories]
    return {
        "name": name,
        "runs": [told.run for told in members],
        "seeds": [told.story.config.seed for told in members],
        "learned": _estimated([learned(history.matrix, history.own) for history in histories]),
        "final": _estimated([list(history.matrix[-1]) for history in histories]),
        "families": {
            family.key: {row.key: _estimated([[own[family.key][row.key]] for own in numbers]) for row in family.rows}
            for family in FAMILIES
        },
        "steps_to_level": [
            _estimated([[None if curve is None else curve.steps_to(level)] for curve in curves])
            for curves in zip(*(history.curves for history in histories), strict=True)
        ],
    }


def _estimated(rows: Sequence[Sequence[float | None]]) -> dict[str, Any] | None:
    """Return the interquartile mean over runs and tasks, tasks that any run does not know left out."""
    scores = _known(rows)
    return None if scores is None else {**asdict(estimate(scores)), "runs": len(scores)}


def _known(rows: Sequence[Sequence[float | None]]) -> Scores | None:
    scores = np.array([[np.nan if value is None else value for value in row] for row in rows], dtype=float)
    kept = scores[:, ~np.isnan(scores).any(axis=0)]
    return kept if kept.size else None


def _improvements(groups: Mapping[str, Sequence[ComparedRun]]) -> list[dict[str, Any]]:
    """Compare the final scores of every two sets of settings."""
    scores = {name: [list(told.view.matrix()[0][-1]) for told in members] for name, members in groups.items()}
    names = list(groups)
    return [
        {"of": better, "over": worse, **asdict(_improvement(scores[better], scores[worse]))}
        for place, better in enumerate(names)
        for worse in names[place + 1 :]
    ]


def _improvement(ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]]) -> Estimate:
    """Compare on the tasks that every run was scored on; nan where there is none."""
    known = ~np.isnan(np.array([*ours, *theirs], dtype=float)).any(axis=0)
    if not known.any():
        return Estimate(float("nan"), float("nan"), float("nan"))
    return improvement(np.array(ours, dtype=float)[:, known], np.array(theirs, dtype=float)[:, known])
