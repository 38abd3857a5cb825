"""How many steps does a pretrained start save? One world whose text it was pretrained on, and two others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import closing

from agents.benchmarks.learning.score_curve import first_reached, score_curve, train_arms
from agents.benchmarks.report.chart import Points, curve_chart
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import Findings
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig
from agents.language import shipped_weights
from agents.training.trainer import Trainer
from envs.curriculum import Stage

TASKS: Mapping[str, str] = {
    "household/go-to": "read, with an expert's actions in half of its steps",
    "turned/go-to": "never read: the words of a house it has read, with other meanings",
    "gym:FirmLake-v1": "never read: the words of another lake, under another name",
}
"""Tasks, and whether the shipped weights were pretrained on their text."""
STARTS: Mapping[str, ModelConfig] = {"pretrained": ModelConfig(start="pretrained"), "scratch": ModelConfig()}
SOLVED, EVERY = 0.9, 1_000
TEXTS: Mapping[str, str] = {
    "held_out": "lines of the worlds it has read, none of which it has read",
    "new_tasks": "lines of worlds it has never read",
}
"""Evaluation texts of pretraining, by their keys in the provenance of the shipped weights."""


def measure(seeds: int = 3, steps: int = 30_000) -> Findings:
    """Train from both starts in each world with each seed, until the greedy score reaches 0.9."""
    figures, charts = _perplexities(), []
    for task, source in TASKS.items():
        curves = train_arms(STARTS, seeds, lambda arm, seed: _train(task, STARTS[arm], seed, steps), f"{task}, ")  # noqa: B023
        figures += _figures(task, source, curves)
        charts.append(curve_chart(f"{task}, until {SOLVED}", "steps", "score", curves, ("scratch",)))
    return Findings(tuple(figures), tuple(charts))


def _perplexities() -> list[Figure]:
    """Return the perplexity of the shipped weights per text, as measured when they were trained."""
    figures = []
    for key, perplexity in shipped_weights.read().provenance["perplexity"].items():
        name, bound, value = f"perplexity of text: {key}", perplexity["bigram"], perplexity["model"]
        figure = Figure(name, value, "", f"< {bound:.2f}", value < bound, TEXTS[key])
        figures.append(figure.beside(bound, f"counts of pairs of words; of words alone {perplexity['unigram']:.1f}"))
    return figures


def _train(task: str, model: ModelConfig, seed: int, steps: int) -> Points:
    stage = Stage(task=task, steps=steps)
    config = RunConfig(seed=seed, stages=(stage,), model=model, evaluation=EvaluationConfig(eval_freq=EVERY))
    with closing(Trainer(config).run()) as events:
        return score_curve(events, stop_at=SOLVED)


def _figures(task: str, source: str, curves: Mapping[str, Sequence[Points]]) -> list[Figure]:
    """Return the steps to 0.9 by seed; only in a world with known text must they be fewer than from scratch."""
    figures = []
    for seed, pair in enumerate(zip(curves["pretrained"], curves["scratch"], strict=True)):
        value, control = (first_reached(points, SOLVED) for points in pair)
        is_sooner = value < control or (math.isfinite(value) and math.isnan(control))
        goal = "sooner than from scratch" if source.startswith("read") else ""
        figure = Figure(f"{task}: steps to {SOLVED}, seed {seed}", value, "steps", goal, is_sooner, source)
        figures.append(figure.beside(control, "from scratch"))
    return figures
