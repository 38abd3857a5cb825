"""Does an agent that writes its own instructions reach goals that it misses otherwise? Also for held-out pairs?

Only success is rewarded: the environment gives no reward for sub-goals. The instruction writer is rewarded when its
instructions are followed; this is the only difference from the same agent without instructions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from agents.benchmarks.learning.score_curve import print_scores, score_curve
from agents.benchmarks.report.chart import Points, curve_chart
from agents.benchmarks.report.figure import Figure, at_least, at_most
from agents.benchmarks.report.result import Findings
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.infer.evaluation import Evaluator
from agents.runtime.iteration import drain
from agents.training.trainer import Trainer
from envs.curriculum import Stage
from envs.task import Task

TASK = "household/store"
OPTIONS: Mapping[str, Any] = {"rooms": 3, "subgoal_share": 0.0}
STEPS, WARMUP_STEPS = 110_000, 45_000
"""All steps, and those at the start with random instructions: the writer learns nothing until they are followed."""
EPISODES = 256
SOLVED, WITHOUT, HELD_OUT = 0.8, 0.5, 0.6
WRITTEN = "written"
ARMS: Mapping[str, str] = {WRITTEN: "learned", "random": "random", "none": "none"}
"""The instruction writer of each arm."""
Scores = tuple[Points, float]
"""The learning curve, and the success with held-out pairs of object and container."""


def measure(seeds: int = 3, steps: int = STEPS) -> Findings:
    """Train the same agent with its own instructions, with random ones, and with none."""
    torch.set_num_threads(1)  # a small model is ten times slower on two threads
    results: dict[str, list[Scores]] = {arm: [] for arm in ARMS}
    for seed in range(seeds):
        for arm, writer in ARMS.items():
            points, held_out = _train(seed, steps, writer)
            print_scores(f"seed {seed}, {arm}", points, f"; held out {held_out:.2f}")
            results[arm].append((points, held_out))
    curves = {arm: [points for points, _ in scores] for arm, scores in results.items()}
    title = f"Putting a thing where it is asked for in {OPTIONS['rooms']} rooms, by written instructions"
    chart = curve_chart(title, "steps", "success", curves, controls=ARMS.keys() - {WRITTEN})
    return Findings(tuple(_figures(results, steps)), (chart,))


def _config(seed: int, steps: int, writer: str) -> RunConfig:
    config = RunConfig(
        seed=seed,
        stages=(Stage(task=TASK, steps=steps, options={**OPTIONS, "split": "train"}),),
        model=ModelConfig(layers=1),
        learning=LearningConfig(n_envs=32),
        evaluation=EvaluationConfig(eval_freq=max(steps // 8, 1), n_eval_episodes=EPISODES, deterministic=False),
    )
    warmup = WARMUP_STEPS * steps // STEPS
    return config.changed(
        {"instructions.writer": writer, "instructions.reward": "goal", "instructions.warmup_steps": warmup}
    )


def _train(seed: int, steps: int, writer: str) -> Scores:
    config = _config(seed, steps, writer)
    trainer = Trainer(config)
    points = score_curve(trainer.run())
    evaluator = Evaluator(config.evaluation, np.random.SeedSequence([seed, 1]), config.instructions)
    held_out = Task(key=TASK, options={**OPTIONS, "split": "held_out"})
    return points, drain(evaluator.examine(trainer.state.agent.policy, held_out, 0))


def _figures(results: Mapping[str, list[Scores]], steps: int) -> list[Figure]:
    source = (
        f"{TASK} with {OPTIONS['rooms']} rooms, only success pays; after {steps:,} steps; "
        f"PPO, one layer, {EPISODES} sampled episodes"
    )
    figures = []
    for seed, arms in enumerate(zip(*results.values(), strict=True)):
        (written, written_new), (random, random_new), (none, _) = ((points[-1][1], new) for points, new in arms)
        name = f"success with written instructions, seed {seed}"
        figure = at_least(name, written, "of 1", SOLVED, source)
        figures.append(figure.beside(random, "the same agent, instructions written by chance"))
        name = f"success without instructions, seed {seed}"
        figures.append(at_most(name, none, "of 1", WITHOUT, source))
        name = f"success with pairs never asked for, seed {seed}"
        figure = at_least(name, written_new, "of 1", HELD_OUT, f"{source}, held-out pairs")
        figures.append(figure.beside(random_new, "instructions written by chance"))
    return figures
