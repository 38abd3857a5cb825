"""How soon does an agent adapt to a house with unknown words after meta-learning?

Three agents train for the same number of steps on the same 16 tasks of the family; the fourth is untrained. Then each
adapts to the 8 held-out tasks, by the same inner loop, in the same environments, with the same random generators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from agents.agent import Agent
from agents.benchmarks.learning.score_curve import train_arms
from agents.benchmarks.report.chart import Points, curve_chart
from agents.benchmarks.report.figure import Figure, at_least
from agents.benchmarks.report.result import Findings
from agents.collect.collector import Collector
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig
from agents.meta.meta_test import MetaTest
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
"""Lower bound of the success that a ratio is divided by, so that it stays finite."""
PLAIN, UNTRAINED = "no meta-learning", "untrained"
SMALL = {"meta.meta_batch_size": 2, "model.layers": 1, "model.width": 16, "evaluation.n_eval_episodes": 8}


def measure(seeds: int = 3, steps: int = STEPS, quick: bool = False) -> Findings:
    """Return the success on held-out tasks after 64 episodes, and its ratio to the success without meta-learning.

    `quick` takes seconds, with an agent that is too small to learn: it only shows that the benchmark works.
    """
    torch.set_num_threads(1)  # a small model is ten times slower on two threads
    steps, held_out, small = (1_000, 1, SMALL) if quick else (steps, 8, {})

    def adapt(arm: str, seed: int) -> Points:
        agent = ARMS[arm](_config(seed, steps, {"meta.name": LEARNERS.get(arm, "reptile"), **small}))
        return _adaptation_curve(agent, _config(seed, steps, small), held_out)

    curves = train_arms(ARMS, seeds, adapt)
    chart = curve_chart("Adapting to a house never met", "episodes", "success", curves, ARMS.keys() - LEARNERS.keys())
    return Findings((*_ratios(curves), *_successes(curves, steps)), (chart,))


def _config(seed: int, steps: int, changes: Mapping[str, Any]) -> RunConfig:
    stage = Stage(kind="meta", task=FAMILY, steps=steps)
    config = RunConfig(seed=seed, stages=(stage,), device="cpu", evaluation=EvaluationConfig(eval_freq=0))
    return config.changed(dict(changes))


def _meta_trained(config: RunConfig) -> Agent:
    """Return an agent after a meta-learning stage."""
    state = RunState(config)
    stage = state.plan.begin()
    if stage is not None:
        drain(MetaStage(state, stage, 0).learn())
    return state.agent


def _trained_on_all(config: RunConfig) -> Agent:
    """Return an agent after ordinary PPO in environments of all training tasks at once."""
    agent, (stage,) = _untrained(config), config.stages
    training, _ = split(stage.configured_task)
    tasks = [member_task(stage.configured_task, training[i % len(training)]) for i in range(config.learning.n_envs)]
    collector = Collector([task.make() for task in tasks], 0, config.seed)
    agent.begin(0, stage.steps)
    agent.reset_returns((0,))
    for done in range(0, stage.steps, config.learning.n_steps * collector.size):
        rollout = drain(agent.interact(collector, config.learning.n_steps, done))
        drain(agent.learn(rollout, done))
    return agent


def _untrained(config: RunConfig) -> Agent:
    """Return an untrained agent with the words and actions of the family."""
    agent = Agent(config)
    agent.add_task(config.stages[0].configured_task, 0)
    return agent


ARMS: Mapping[str, Callable[[RunConfig], Agent]] = {
    "Reptile": _meta_trained,
    "FOMAML": _meta_trained,
    PLAIN: _trained_on_all,
    UNTRAINED: _untrained,
}


def _adaptation_curve(agent: Agent, config: RunConfig, held_out: int) -> Points:
    """Return (episodes of adaptation, mean success over the first `held_out` held-out tasks) at each evaluation."""
    task = config.stages[0].configured_task
    trial = MetaTest(task, 0, config)
    curves = [drain(trial.curve(agent.policy, member)) for member in split(task)[1][:held_out]]
    return tuple(zip(trial.episodes, np.mean(curves, axis=0).tolist(), strict=True))


def _ratios(curves: Mapping[str, list[Points]]) -> list[Figure]:
    """Divide the final success by that of ordinary training, seed by seed; only Reptile has a goal."""
    figures = []
    for name in LEARNERS:
        for seed, (meta, plain) in enumerate(zip(curves[name], curves[PLAIN], strict=True)):
            success, control = meta[-1][1], plain[-1][1]
            source = f"success after 64 episodes: {success:.2f} against {control:.2f}"
            ratio, goal = success / max(control, LEAST), GOAL if name == "Reptile" else None
            figure = at_least(f"{name} against {PLAIN}, seed {seed}", ratio, "times", goal, source)
            figures.append(figure.beside(control, f"success with {PLAIN}"))
    return figures


def _successes(curves: Mapping[str, list[Points]], steps: int) -> list[Figure]:
    """Return the final success of each agent, as mean over the seeds."""
    figures = []
    for name, seeds in curves.items():
        mean = np.mean([[score for _, score in points] for points in seeds], axis=0)  # (evaluations,)
        training = "no training" if name == UNTRAINED else f"{steps:,} steps of training"
        scores = ", ".join(f"{score:.2f}" for score in mean)
        source = f"{training}; after 0, 8, 16, 32 and 64 episodes {scores}; {len(seeds)} seeds, greedy"
        final = float(np.mean([points[-1][1] for points in seeds]))
        figures.append(Figure(f"success after 64 episodes, {name}", final, "of 1", source=source))
    return figures
