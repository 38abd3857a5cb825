"""How soon does an agent learn a house whose words it has never heard, if it learned to learn before?

Three agents live as many steps with the same 16 members of the family; the fourth does
not live at all. Then each adapts to the 8 members that none of them has met, by the same
inner loop, in the same worlds, with the same dice.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np
import torch

from agents.agent import Agent
from agents.benchmarks.report.chart import Chart, curve
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import Findings
from agents.collect.collector import Collector
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig
from agents.meta.meta_test import EVALUATED_AFTER, MetaTest
from agents.meta.task_family import member_task, split
from agents.runtime.iteration import drain
from agents.training.meta_stage import MetaStage
from agents.training.run_state import RunState
from envs.curriculum import Stage

GOAL = 1.5
FAMILY = "household/words"
STEPS = 120_000
LEARNERS = {"Reptile": "reptile", "FOMAML": "fomaml"}
LEAST = 1 / 64
"""Success that a control is credited with at least, so that a ratio to nothing stays a number."""
PLAIN = "no meta-learning"
SMALL = {"meta.meta_batch_size": 2, "model.layers": 1, "model.width": 16, "evaluation.n_eval_episodes": 8}
Curve = tuple[float, ...]
"""Mean success over the unmet members, at each look."""


def measure(seeds: int = 3, steps: int = STEPS, quick: bool = False) -> Findings:
    """Return the success on unmet members after 64 episodes, and how it compares with no meta-learning.

    `quick` takes seconds, with an agent that is too small to learn: to see that the benchmark
    works. It promises nothing.
    """
    torch.set_num_threads(1)  # a small model is ten times slower on two threads
    steps, failed_tasks, small = (1_000, 1, SMALL) if quick else (steps, 8, {})
    meta = _config(0, steps, small).meta
    curves: dict[str, list[Curve]] = {name: [] for name in ARMS}
    for seed in range(seeds):
        for name, train in ARMS.items():
            started = perf_counter()
            agent = train(_config(seed, steps, {"meta.name": LEARNERS.get(name, "reptile"), **small}))
            curve = _mean_curve(agent, _config(seed, steps, small), failed_tasks)
            curves[name].append(curve)
            told = " ".join(f"{score:.2f}" for score in curve)
            print(f"seed {seed}, {name}: {told} ({perf_counter() - started:.0f} s)", file=sys.stderr, flush=True)
    return Findings((*_ratios(curves, judged=not quick), *_successes(curves, steps)), (_chart(curves, meta.episodes),))


def _config(seed: int, steps: int, changes: Mapping[str, Any]) -> RunConfig:
    stage = Stage(kind="meta", task=FAMILY, steps=steps)
    config = RunConfig(seed=seed, stages=(stage,), device="cpu", evaluation=EvaluationConfig(eval_freq=0))
    return config.changed(dict(changes))


def _meta_trained(config: RunConfig) -> Agent:
    """Return an agent that lived a meta stage."""
    state = RunState(config)
    stage = state.plan.begin()
    if stage is not None:
        drain(MetaStage(state, stage, 0).learn())
    return state.agent


def _trained_on_all(config: RunConfig) -> Agent:
    """Return an agent that learned by ordinary PPO in worlds of every teaching member at once."""
    agent, (stage,) = _untrained(config), config.stages
    teaching, _ = split(stage.configured_task)
    tasks = [member_task(stage.configured_task, teaching[i % len(teaching)]) for i in range(config.learning.n_envs)]
    collector = Collector([task.make() for task in tasks], 0, config.seed)
    agent.begin(0, stage.steps)
    agent.reset_returns((0,))
    for done in range(0, stage.steps, config.learning.n_steps * collector.size):
        rollout = drain(agent.interact(collector, config.learning.n_steps, done))
        drain(agent.learn(rollout, done))
    return agent


def _untrained(config: RunConfig) -> Agent:
    """Return an agent that knows the family's words and nothing else."""
    agent = Agent(config)
    agent.add_task(config.stages[0].configured_task, 0)
    return agent


ARMS: Mapping[str, Callable[[RunConfig], Agent]] = {
    "Reptile": _meta_trained,
    "FOMAML": _meta_trained,
    PLAIN: _trained_on_all,
    "untrained": _untrained,
}


def _mean_curve(agent: Agent, config: RunConfig, failed_tasks: int) -> Curve:
    task = config.stages[0].configured_task
    trial = MetaTest(task, 0, config)
    curves = [drain(trial.curve(agent.policy, member)) for member in split(task)[1][:failed_tasks]]
    return tuple(np.mean(curves, axis=0).tolist())


def _ratios(curves: Mapping[str, list[Curve]], *, judged: bool) -> list[Figure]:
    """How many times the success of ordinary training meta-learning reaches, seed by seed."""
    figures = []
    for name in LEARNERS:
        promised = judged and name == "Reptile"
        for seed, (ours, theirs) in enumerate(zip(curves[name], curves[PLAIN], strict=True)):
            ratio = ours[-1] / max(theirs[-1], LEAST)
            figures.append(
                Figure(
                    name=f"{name} against {PLAIN}, seed {seed}",
                    value=ratio,
                    unit="times",
                    goal=f"≥ {GOAL}" if promised else "",
                    holds=not promised or ratio >= GOAL,
                    source=f"success after 64 episodes: {ours[-1]:.2f} against {theirs[-1]:.2f}",
                    control=theirs[-1],
                    against=f"success with {PLAIN}",
                )
            )
    return figures


def _successes(curves: Mapping[str, list[Curve]], steps: int) -> list[Figure]:
    """What each agent reaches, over all seeds."""
    figures = []
    for name, seeds in curves.items():
        told = ", ".join(f"{score:.2f}" for score in np.mean(seeds, axis=0))
        lived = "no training" if name == "untrained" else f"{steps:,} steps of training"
        figures.append(
            Figure(
                name=f"success after 64 episodes, {name}",
                value=float(np.mean([curve[-1] for curve in seeds])),
                unit="of 1",
                source=f"{lived}; after 0, 8, 16, 32 and 64 episodes {told}; {len(seeds)} seeds, greedy",
            )
        )
    return figures


def _chart(curves: Mapping[str, list[Curve]], episodes: int) -> Chart:
    """How fast each agent learns a member that it has never met."""
    places = [look * episodes for look in EVALUATED_AFTER]
    series = tuple(
        curve(name, [tuple(zip(places, seed, strict=True)) for seed in seeds], is_control=name not in LEARNERS)
        for name, seeds in curves.items()
    )
    return Chart("Adapting to a house never met", "episodes", "success", series)
