"""Does an agent that tells itself what to do next reach goals that it misses otherwise? And with new combinations?

Only the goal pays: the world pays for no sub-goal. Whoever writes instructions is paid for following them, and that is
all that the agent has more than the same agent without.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from agents.benchmarks.learning.score_curve import print_scores, score_curve
from agents.benchmarks.report.chart import Chart, Points, curve
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
STEPS, PRACTICE = 110_000, 45_000
"""In all, and those at the start in which chance writes: an agent that can't follow yet learns nothing by leading."""
EPISODES = 256
SOLVED, WITHOUT, HELD_OUT = 0.8, 0.5, 0.6
WRITTEN = "written"
ARMS: Mapping[str, str] = {WRITTEN: "learned", "random": "random", "none": "none"}
"""Who writes the instructions."""
Scores = tuple[Points, float]
"""What was seen on the way, and the success with pairs that were never asked for."""


def measure(seeds: int = 3, steps: int = STEPS) -> Findings:
    """Let the same agent live the same steps with its own instructions, with those of chance, and with none."""
    torch.set_num_threads(1)  # a small model is ten times slower on two threads
    lives: dict[str, list[Scores]] = {arm: [] for arm in ARMS}
    for seed in range(seeds):
        for arm, writer in ARMS.items():
            points, held_out = _lived(seed, steps, writer)
            print_scores(f"seed {seed}, {arm}", points, f"; held out {held_out:.2f}")
            lives[arm].append((points, held_out))
    series = (curve(arm, [points for points, _ in lives[arm]], is_control=arm != WRITTEN) for arm in ARMS)
    title = f"Putting a thing where it is asked for in {OPTIONS['rooms']} rooms, by written instructions"
    return Findings(tuple(_figures(lives, steps)), (Chart(title, "steps", "success", tuple(series)),))


def _config(seed: int, steps: int, writer: str) -> RunConfig:
    config = RunConfig(
        seed=seed,
        stages=(Stage(task=TASK, steps=steps, options={**OPTIONS, "split": "train"}),),
        model=ModelConfig(layers=1),
        learning=LearningConfig(n_envs=32),
        evaluation=EvaluationConfig(eval_freq=max(steps // 8, 1), n_eval_episodes=EPISODES, deterministic=False),
    )
    practice = PRACTICE * steps // STEPS
    return config.changed(
        {"instructions.writer": writer, "instructions.reward": "goal", "instructions.warmup_steps": practice}
    )


def _lived(seed: int, steps: int, writer: str) -> Scores:
    config = _config(seed, steps, writer)
    trainer = Trainer(config)
    points = score_curve(trainer.run())
    examiner = Evaluator(config.evaluation, np.random.SeedSequence([seed, 1]), config.instructions)
    work = examiner.examine(trainer.state.agent.policy, Task(key=TASK, options={**OPTIONS, "split": "held_out"}), 0)
    return points, drain(work)


def _figures(lives: Mapping[str, list[Scores]], steps: int) -> list[Figure]:
    how = (
        f"{TASK} with {OPTIONS['rooms']} rooms, only success pays; after {steps:,} steps; "
        f"PPO, one layer, {EPISODES} sampled episodes"
    )
    figures = []
    for seed, arms in enumerate(zip(*lives.values(), strict=True)):
        (own, own_new), (random, random_new), (none, _) = ((points[-1][1], new) for points, new in arms)
        name = f"success with written instructions, seed {seed}"
        figure = at_least(name, own, "of 1", SOLVED, how)
        figures.append(figure.beside(random, "the same agent, instructions written by chance"))
        name = f"success without instructions, seed {seed}"
        figures.append(at_most(name, none, "of 1", WITHOUT, how))
        name = f"success with pairs never asked for, seed {seed}"
        new = at_least(name, own_new, "of 1", HELD_OUT, f"{how}, held-out pairs")
        figures.append(new.beside(random_new, "instructions written by chance"))
    return figures
