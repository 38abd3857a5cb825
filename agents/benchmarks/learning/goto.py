"""How soon is one-object "go to" learned? The smallest sign of life of the whole loop."""

from __future__ import annotations

import sys

from agents.benchmarks.report.chart import Chart, curve
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import Findings
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig
from agents.events import Evaluated
from agents.training.trainer import Trainer
from envs.curriculum import Stage

GOAL = 0.95
BUDGET = 30_000


def measure(seeds: int = 3) -> Findings:
    """Train from scratch with each seed; report when success first reached the goal, and where it ended."""
    figures, curves = [], [_curve(seed) for seed in range(seeds)]
    for seed, points in enumerate(curves):
        reached = next((step for step, score in points if score >= GOAL), None)
        figures.append(
            Figure(
                name=f"steps to {GOAL} success, seed {seed}",
                value=float("nan") if reached is None else float(reached),
                unit="steps",
                goal=f"≤ {BUDGET:,}",
                holds=reached is not None and reached <= BUDGET,
                source="untrained agent, household/go-to, one object, PPO, greedy evaluation of 64 episodes",
            )
        )
        figures.append(
            Figure(
                name=f"success at the end, seed {seed}",
                value=points[-1][1],
                unit="of 1",
                goal=f"≥ {GOAL}",
                holds=points[-1][1] >= GOAL,
                source=f"the same run after {points[-1][0]:,} steps; untrained it had {points[0][1]:.2f}",
                control=points[0][1],
                against="untrained",
            )
        )
    chart = Chart("Learning to go to one object", "steps", "success", (curve("PPO", curves),))
    return Findings(tuple(figures), (chart,))


def _curve(seed: int) -> list[tuple[int, float]]:
    stage = Stage(task="household/go-to", steps=BUDGET)
    config = RunConfig(seed=seed, stages=(stage,), evaluation=EvaluationConfig(every=2_000))
    events = Trainer(config).run()
    points = [(event.step, event.scores[0] or 0.0) for event in events if isinstance(event, Evaluated)]
    told = " ".join(f"{score:.2f}" for _, score in points)
    print(f"seed {seed}: {told}", file=sys.stderr, flush=True)
    return points
