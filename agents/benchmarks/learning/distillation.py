"""Does a student of a scripted expert need a fifth of the steps that rewards take, and what do alpha and size do?

On the second task of the household curriculum, "go to" with two objects. The control is reinforcement learning from
scratch with the same seed; a student has finished when it reaches a share of the expert's success. Further arms:
α = 0, 0.5 and 1, who acts during training, and a small student of an earlier agent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from agents.benchmarks.learning.controls import mean_score
from agents.benchmarks.learning.score_curve import first_reached, print_scores
from agents.benchmarks.report.chart import Chart, Points, curve_chart
from agents.benchmarks.report.figure import Figure, at_least, at_most
from agents.benchmarks.report.result import Findings
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig
from agents.events import Evaluated, RunStarted, Updated
from agents.store.run_store import RunStore
from agents.training.prepared_run import start
from envs.curriculum import Stage
from envs.players import scripted
from envs.task import Task
from envs.teaching import AGENT, Teaching

TASK = Task(key="household/go-to", options={"objects": 2})
SHARE, FIFTH = 0.9, 5.0
STUDENT_STEPS, SMALL_STUDENT_STEPS, REWARDS_STEPS = 12_288, 81_920, 163_840
"""Environment steps of a student, of a small student, and of learning from rewards, at most."""
EVAL_FREQ, SLOW_EVAL_FREQ = 1_024, 4_096
"""Steps between two evaluations: of a student, and of the longer runs."""
MODEL, SMALL_MODEL = ModelConfig(), ModelConfig(layers=1, width=32)
ARMS: Mapping[str, Mapping[str, Any]] = {
    "α 0.5": {},
    "α 0": {"alpha": 0.0},
    "α 1": {"alpha": 1.0},
    "α 0.5, the student acts": {"actor": "student"},
    "α 0.5, the teacher acts": {"actor": "teacher"},
}
"""Teaching options of each student of the expert; the first one has a goal."""
JUDGED = next(iter(ARMS))
REWARDS, SMALL = "rewards", "a small student of an earlier agent"


@dataclass(frozen=True, slots=True)
class DistillationRun:
    """The curves of one run."""

    scores: Points
    """(step, success) of each evaluation."""
    gaps: Points
    """(step, KL(teacher ‖ student)) of each update."""
    folder: Path
    """Folder of the stored run; it is deleted when the benchmark ends."""
    weights: int

    @property
    def gap_ratio(self) -> float:
        """KL to the teacher in the first update divided by that in the last."""
        return self.gaps[0][1] / max(self.gaps[-1][1], 1e-9)


@dataclass(frozen=True, slots=True)
class DistillationTrial:
    """The settings that all runs of a measurement share."""

    store: RunStore
    level: float
    """Success at which a run has reached its goal."""
    scale: int
    """Divisor of the number of steps of all runs."""

    def train_student(self, name: str, seed: int, teaching: Mapping[str, Any]) -> DistillationRun:
        """Train a student for its whole budget, with the options `teaching` of its stage, such as `teacher`."""
        stage = _stage(STUDENT_STEPS // self.scale, teaching)
        return self._execute(name, _config(seed, stage, EVAL_FREQ, MODEL), stops=False)

    def train_small_student(self, seed: int, folder: Path) -> DistillationRun:
        """Train a small student with the agent of the stored run in `folder` as teacher."""
        stage = _stage(SMALL_STUDENT_STEPS // self.scale, {"teacher": f"{AGENT}{folder}"})
        return self._execute(SMALL, _config(seed, stage, SLOW_EVAL_FREQ, SMALL_MODEL), stops=False)

    def train_by_rewards(self, seed: int) -> DistillationRun:
        """Train an agent without a teacher until it reaches `level`."""
        stage = _stage(REWARDS_STEPS // self.scale, {})
        return self._execute(REWARDS, _config(seed, stage, SLOW_EVAL_FREQ, MODEL), stops=True)

    def _execute(self, name: str, config: RunConfig, *, stops: bool) -> DistillationRun:
        started, prepared = perf_counter(), start(self.store, config)
        scores, gaps, weights = [], [], 0
        for event in prepared.events:
            if isinstance(event, RunStarted):
                weights = int(event.agent["weights"])
            elif isinstance(event, Evaluated):
                scores.append((float(event.step), event.scores[0] or 0.0))
                if stops and scores[-1][1] >= self.level:
                    break
            elif isinstance(event, Updated) and "teacher_kl" in event.terms:
                gaps.append((float(event.step), event.terms["teacher_kl"]))
        prepared.events.close()
        print_scores(f"seed {config.seed}, {name}", scores, f" ({perf_counter() - started:.0f} s)")
        return DistillationRun(tuple(scores), tuple(gaps), prepared.run.folder, weights)


def measure(seeds: int = 3, quick: bool = False) -> Findings:
    """Train a student of each arm with each seed, and one agent by rewards; `quick`: one seed, few steps."""
    seeds, scale, arms = (1, 8, {JUDGED: ARMS[JUDGED]}) if quick else (seeds, 1, ARMS)
    world = TASK.make()
    player = scripted(world)
    assert player is not None, "the household has an expert"
    level = SHARE * mean_score(world, player, 64)
    with TemporaryDirectory() as folder:
        trial = DistillationTrial(RunStore(folder), level, scale)
        students = {
            name: [trial.train_student(name, seed, {"teacher": "expert", **arm}) for seed in range(seeds)]
            for name, arm in arms.items()
        }
        by_rewards = [trial.train_by_rewards(seed) for seed in range(seeds)]
        small = [trial.train_small_student(seed, run.folder) for seed, run in enumerate(students[JUDGED])]
    pairs = enumerate(zip(students[JUDGED], by_rewards, strict=True))
    figures = [_steps_figure(seed, student, control, level) for seed, (student, control) in pairs]
    figures += [figure for name, runs in students.items() for figure in _arm_figures(name, runs, level)]
    figures.append(_small_student_figure(small, students[JUDGED]))
    return Findings(tuple(figures), _charts({**students, SMALL: small}, by_rewards))


def _stage(steps: int, teaching: Mapping[str, Any]) -> Stage:
    return Stage(task=TASK.key, options=TASK.options, steps=steps, teaching=Teaching(**teaching))


def _config(seed: int, stage: Stage, eval_freq: int, model: ModelConfig) -> RunConfig:
    evaluation = EvaluationConfig(eval_freq=eval_freq)
    return RunConfig(seed=seed, stages=(stage,), model=model, device="cpu", evaluation=evaluation)


def _steps_figure(seed: int, student: DistillationRun, by_rewards: DistillationRun, level: float) -> Figure:
    """Compare the steps to `level`; a control that never reached it counts with all steps that it was trained."""
    steps, reached = first_reached(student.scores, level), first_reached(by_rewards.scores, level)
    control = by_rewards.scores[-1][0] if isnan(reached) else reached
    at_least_ = "at least " if isnan(reached) else ""
    source = f"a fifth of the {at_least_}{control:,.0f} steps by rewards; PPO, greedy evaluation of 64 episodes"
    name = f"steps to {level:.2f} success, taught, seed {seed}"
    return at_most(name, steps, "steps", control / FIFTH, source, form=",.0f").beside(control, REWARDS)


def _arm_figures(name: str, runs: Sequence[DistillationRun], level: float) -> list[Figure]:
    """Return the success and the KL ratio of an arm; the means must not hide a seed that misses the goal."""
    final, ratios = [run.scores[-1][1] for run in runs], [run.gap_ratio for run in runs]
    steps = [first_reached(run.scores, level) for run in runs]
    reached = ", ".join("never" if isnan(step) else f"{step:,.0f}" for step in steps)
    success = Figure(
        name=f"success of the student, {name}",
        value=fmean(final),
        unit="of 1",
        goal=f"≥ {level:.2f}" if name == JUDGED else "",
        holds=min(final) >= level,
        source=f"mean of {len(runs)} seeds after {runs[0].scores[-1][0]:,.0f} steps; steps to {level:.2f}: {reached}",
        control=fmean(run.scores[0][1] for run in runs),
        against="untrained",
    )
    gap = Figure(
        name=f"the gap to the teacher shrinks, {name}",
        value=fmean(ratios),
        unit="times",
        goal="> 2",
        holds=min(ratios) > 2,
        source="KL(teacher ‖ student) in the first update by that in the last, mean of the seeds; each must hold",
    )
    return [success, gap]


def _small_student_figure(small: Sequence[DistillationRun], teachers: Sequence[DistillationRun]) -> Figure:
    """Compare the success of the small students with that of their teachers."""
    success, target = (fmean(run.scores[-1][1] for run in runs) for runs in (small, teachers))
    source = f"{small[0].weights:,} weights, taught by {teachers[0].weights:,} of a stored run; mean of the seeds"
    figure = at_least(f"success of {SMALL}", success, "of 1", SHARE * target, source, form=".2f")
    return figure.beside(target, "its teacher")


def _charts(
    students: Mapping[str, Sequence[DistillationRun]], by_rewards: Sequence[DistillationRun]
) -> tuple[Chart, ...]:
    scores = {name: [run.scores for run in runs] for name, runs in {**students, REWARDS: by_rewards}.items()}
    gaps = {name: [run.gaps for run in runs] for name, runs in students.items()}
    return (
        curve_chart("Go to, with two things in the room", "steps", "success", scores, (REWARDS,)),
        curve_chart("The gap to the teacher", "steps", "KL", gaps),
    )
