"""How soon is one-object "go to" learned? The smallest end-to-end check of learning."""

from __future__ import annotations

from agents.benchmarks.learning.score_curve import first_reached, score_curve, train_arms
from agents.benchmarks.report.chart import Points, curve_chart
from agents.benchmarks.report.figure import at_least, at_most
from agents.benchmarks.report.result import Findings
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig
from agents.training.trainer import Trainer
from envs.curriculum import Stage

GOAL = 0.95
BUDGET = 30_000


def measure(seeds: int = 3) -> Findings:
    """Train from scratch with each seed; report the steps until success reached the goal, and success at the end."""
    curves = train_arms(("PPO",), seeds, _train)
    figures = []
    for seed, points in enumerate(curves["PPO"]):
        source = "untrained agent, household/go-to, one object, PPO, greedy evaluation of 64 episodes"
        steps = first_reached(points, GOAL)
        figures.append(at_most(f"steps to {GOAL} success, seed {seed}", steps, "steps", BUDGET, source, form=","))
        untrained, (last, success) = points[0][1], points[-1]
        source = f"the same run after {last:,} steps; untrained it had {untrained:.2f}"
        final = at_least(f"success at the end, seed {seed}", success, "of 1", GOAL, source)
        figures.append(final.beside(untrained, "untrained"))
    return Findings(tuple(figures), (curve_chart("Learning to go to one object", "steps", "success", curves),))


def _train(arm: str, seed: int) -> Points:
    stage = Stage(task="household/go-to", steps=BUDGET)
    config = RunConfig(seed=seed, stages=(stage,), evaluation=EvaluationConfig(eval_freq=2_000))
    return score_curve(Trainer(config).run())
