"""How soon is one-object "go to" learned? The smallest sign of life of the whole loop."""

from __future__ import annotations

from agents.benchmarks.learning.score_curve import print_scores, score_curve
from agents.benchmarks.report.chart import Chart, Points, curve
from agents.benchmarks.report.figure import at_least, at_most
from agents.benchmarks.report.result import Findings
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig
from agents.training.trainer import Trainer
from envs.curriculum import Stage

GOAL = 0.95
BUDGET = 30_000


def measure(seeds: int = 3) -> Findings:
    """Train from scratch with each seed; report when success first reached the goal, and where it ended."""
    figures, curves = [], [_curve(seed) for seed in range(seeds)]
    for seed, points in enumerate(curves):
        reached = next((step for step, score in points if score >= GOAL), None)
        how = "untrained agent, household/go-to, one object, PPO, greedy evaluation of 64 episodes"
        steps = float("nan") if reached is None else float(reached)
        figures.append(at_most(f"steps to {GOAL} success, seed {seed}", steps, "steps", BUDGET, how, form=","))
        untrained, (last, success) = points[0][1], points[-1]
        how = f"the same run after {last:,} steps; untrained it had {untrained:.2f}"
        ended = at_least(f"success at the end, seed {seed}", success, "of 1", GOAL, how)
        figures.append(ended.beside(untrained, "untrained"))
    chart = Chart("Learning to go to one object", "steps", "success", (curve("PPO", curves),))
    return Findings(tuple(figures), (chart,))


def _curve(seed: int) -> Points:
    stage = Stage(task="household/go-to", steps=BUDGET)
    config = RunConfig(seed=seed, stages=(stage,), evaluation=EvaluationConfig(eval_freq=2_000))
    points = score_curve(Trainer(config).run())
    print_scores(f"seed {seed}", points)
    return points
