"""Does a student of a scripted expert need a fifth of the steps that rewards take, and what do alpha and size do?

On the second rung of the household's ladder, "go to" with two things. Reinforcement learning
from scratch is the control, with the same seed; a student is there when it has a share of the
expert's success. Beside it α = 0, 0.5 and 1, each who acts, and a small student of an earlier agent.
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
from agents.benchmarks.learning.score_curve import print_scores
from agents.benchmarks.report.chart import Chart, curve
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

RUNG = Task(key="household/go-to", options={"objects": 2})
SHARE, FIFTH = 0.9, 5.0
TAUGHT, HANDED, UNGROUPED = 12_288, 81_920, 163_840
"""Environment steps of a student, of a small one, and of who learns from rewards, at most."""
LOOK, LOOK_ALONE = 1_024, 4_096
"""Steps between two evaluations."""
USUAL, SMALLER = ModelConfig(), ModelConfig(layers=1, width=32)
ARMS: Mapping[str, Mapping[str, Any]] = {
    "α 0.5": {},
    "α 0": {"alpha": 0.0},
    "α 1": {"alpha": 1.0},
    "α 0.5, the student acts": {"actor": "student"},
    "α 0.5, the teacher acts": {"actor": "teacher"},
}
"""Students of the expert, by what is set otherwise than by default; the first is the one that is judged."""
JUDGED = next(iter(ARMS))
REWARDS, SMALL = "rewards", "a small student of an earlier agent"


@dataclass(frozen=True, slots=True)
class DistillationRun:
    """How a run went."""

    scores: tuple[tuple[float, float], ...]
    """Steps and success."""
    gaps: tuple[tuple[float, float], ...]
    """Steps and KL(teacher ‖ student)."""
    folder: Path
    """Where the run is stored while the benchmark goes on."""
    weights: int

    def reached(self, level: float) -> float:
        """Return the step of the first evaluation that reached `level`; NaN if none did."""
        return next((step for step, score in self.scores if score >= level), float("nan"))

    @property
    def closed(self) -> float:
        """How many times smaller the gap to the teacher became."""
        return self.gaps[0][1] / max(self.gaps[-1][1], 1e-9)


@dataclass(frozen=True, slots=True)
class DistillationTrial:
    """What every run of the measurement shares."""

    store: RunStore
    level: float
    scale: int
    """How many times shorter than usual all runs are."""

    def taught(self, name: str, seed: int, teaching: Mapping[str, Any]) -> DistillationRun:
        """Let a student learn from its teacher to the end."""
        stage = _stage(TAUGHT // self.scale, teaching)
        return self._live(name, _config(seed, stage, LOOK, USUAL), stops=False)

    def handed_on(self, seed: int, folder: Path) -> DistillationRun:
        """Let a small student learn from the agent of a stored run."""
        stage = _stage(HANDED // self.scale, {"teacher": f"{AGENT}{folder}"})
        return self._live(SMALL, _config(seed, stage, LOOK_ALONE, SMALLER), stops=False)

    def alone(self, seed: int) -> DistillationRun:
        """Let an agent learn from rewards until it is as good."""
        stage = _stage(UNGROUPED // self.scale, {})
        return self._live(REWARDS, _config(seed, stage, LOOK_ALONE, USUAL), stops=True)

    def _live(self, name: str, config: RunConfig, *, stops: bool) -> DistillationRun:
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
    """Teach a student of each kind with each seed, and let one learn from rewards; `quick`: one seed, few steps."""
    seeds, scale, arms = (1, 8, {JUDGED: ARMS[JUDGED]}) if quick else (seeds, 1, ARMS)
    world = RUNG.make()
    player = scripted(world)
    assert player is not None, "the household has an expert"
    level = SHARE * mean_score(world, player, 64)
    with TemporaryDirectory() as folder:
        trial = DistillationTrial(RunStore(folder), level, scale)
        lives = {
            name: [trial.taught(name, seed, {"teacher": "expert", **arm}) for seed in range(seeds)]
            for name, arm in arms.items()
        }
        alone = [trial.alone(seed) for seed in range(seeds)]
        small = [trial.handed_on(seed, life.folder) for seed, life in enumerate(lives[JUDGED])]
    pairs = enumerate(zip(lives[JUDGED], alone, strict=True))
    figures = [_ratio(seed, student, other, level) for seed, (student, other) in pairs]
    figures += [figure for name, part in lives.items() for figure in _arm(name, part, level)]
    figures.append(_handed_on(small, lives[JUDGED]))
    return Findings(tuple(figures), _charts({**lives, SMALL: small}, alone))


def _stage(steps: int, teaching: Mapping[str, Any]) -> Stage:
    return Stage(task=RUNG.key, options=RUNG.options, steps=steps, teaching=Teaching(**teaching))


def _config(seed: int, stage: Stage, look: int, model: ModelConfig) -> RunConfig:
    return RunConfig(seed=seed, stages=(stage,), model=model, device="cpu", evaluation=EvaluationConfig(eval_freq=look))


def _ratio(seed: int, student: DistillationRun, alone: DistillationRun, level: float) -> Figure:
    """Compare the steps to the level; who never came there counts with all that it lived."""
    ours, reached = student.reached(level), alone.reached(level)
    theirs = alone.scores[-1][0] if isnan(reached) else reached
    said = "at least " if isnan(reached) else ""
    how = f"a fifth of the {said}{theirs:,.0f} steps by rewards; PPO, greedy evaluation of 64 episodes"
    name = f"steps to {level:.2f} success, taught, seed {seed}"
    return at_most(name, ours, "steps", theirs / FIFTH, how, form=",.0f").beside(theirs, REWARDS)


def _arm(name: str, lives: Sequence[DistillationRun], level: float) -> list[Figure]:
    last, closed = [life.scores[-1][1] for life in lives], [life.closed for life in lives]
    steps = [life.reached(level) for life in lives]
    told = ", ".join("never" if isnan(step) else f"{step:,.0f}" for step in steps)
    success = Figure(
        name=f"success of the student, {name}",
        value=fmean(last),
        unit="of 1",
        goal=f"≥ {level:.2f}" if name == JUDGED else "",
        holds=min(last) >= level,
        source=f"mean of {len(lives)} seeds after {lives[0].scores[-1][0]:,.0f} steps; steps to {level:.2f}: {told}",
        control=fmean(life.scores[0][1] for life in lives),
        against="untrained",
    )
    gap = Figure(
        name=f"the gap to the teacher shrinks, {name}",
        value=fmean(closed),
        unit="times",
        goal="> 2",
        holds=min(closed) > 2,
        source="KL(teacher ‖ student) in the first update by that in the last, mean of the seeds; each must hold",
    )
    return [success, gap]


def _handed_on(small: Sequence[DistillationRun], teachers: Sequence[DistillationRun]) -> Figure:
    """Tell how well a small student of an earlier agent does, beside that agent."""
    ours, theirs = ([life.scores[-1][1] for life in lives] for lives in (small, teachers))
    how = f"{small[0].weights:,} weights, taught by {teachers[0].weights:,} of a stored run; mean of the seeds"
    figure = at_least(f"success of {SMALL}", fmean(ours), "of 1", SHARE * fmean(theirs), how, form=".2f")
    return figure.beside(fmean(theirs), "its teacher")


def _charts(students: Mapping[str, Sequence[DistillationRun]], alone: Sequence[DistillationRun]) -> tuple[Chart, ...]:
    scores = [curve(name, [life.scores for life in lives]) for name, lives in students.items()]
    scores.append(curve(REWARDS, [life.scores for life in alone], is_control=True))
    gaps = [curve(name, [life.gaps for life in lives]) for name, lives in students.items()]
    return (
        Chart("Go to, with two things in the room", "steps", "success", tuple(scores)),
        Chart("The gap to the teacher", "steps", "KL", tuple(gaps)),
    )
