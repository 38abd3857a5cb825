"""What is a pretrained start worth? Steps to learn one world it has read of and two it has not, beside from scratch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import closing

from agents.benchmarks.learning.score_curve import print_scores
from agents.benchmarks.report.chart import Chart, Points, curve
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import Findings
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig
from agents.events import Evaluated
from agents.language import shipped_weights
from agents.training.trainer import Trainer
from envs.curriculum import Stage

TASKS: Mapping[str, str] = {
    "household/go-to": "read, with an expert's deeds in half of its steps",
    "turned/go-to": "never read: the words of a house it has read, with other meanings",
    "gym:FirmLake-v1": "never read: the words of another lake, under another name",
}
STARTS: Mapping[str, ModelConfig] = {"pretrained": ModelConfig(start="pretrained"), "scratch": ModelConfig()}
SOLVED, EVERY = 0.9, 1_000
PLACES: Mapping[str, str] = {
    "apart": "lines of the worlds it has read, none of which it has read",
    "away": "lines of worlds it has never read",
}


def measure(seeds: int = 3, steps: int = 30_000) -> Findings:
    """Let both begin in each world with each seed, until the greedy score reaches 0.9."""
    figures, charts = _foretold(), []
    for task, how in TASKS.items():
        curves: dict[str, list[Points]] = {start: [] for start in STARTS}
        for seed in range(seeds):
            for start, model in STARTS.items():
                curves[start].append(_lived(task, model, seed, steps))
                print_scores(f"{task}, seed {seed}, {start}", curves[start][-1])
        figures += _compared(task, how, curves)
        series = tuple(curve(start, points, is_control=start == "scratch") for start, points in curves.items())
        charts.append(Chart(f"{task}, until {SOLVED}", "steps", "score", series))
    return Findings(tuple(figures), tuple(charts))


def _foretold() -> list[Figure]:
    """Return how well the shipped weights foretell text, as it was measured when they were made."""
    figures = []
    for place, told in shipped_weights.read().provenance["perplexity"].items():
        name, bound = f"perplexity of text: {place}", told["bigram"]
        figure = Figure(name, told["model"], "", f"< {bound:.2f}", told["model"] < bound, PLACES[place])
        figures.append(figure.beside(bound, f"counts of pairs of words; of words alone {told['unigram']:.1f}"))
    return figures


def _lived(task: str, model: ModelConfig, seed: int, steps: int) -> Points:
    stage = Stage(task=task, steps=steps)
    config = RunConfig(seed=seed, stages=(stage,), model=model, evaluation=EvaluationConfig(eval_freq=EVERY))
    points: list[tuple[float, float]] = []
    with closing(Trainer(config).run()) as events:
        for event in events:
            if isinstance(event, Evaluated):
                points.append((event.step, event.scores[0] or 0.0))
                if points[-1][1] >= SOLVED:
                    break
    return points


def _reached(points: Points) -> float:
    """Return the steps until the score was first reached; NaN if it never was."""
    step, score = points[-1]
    return step if score >= SOLVED else math.nan


def _compared(task: str, how: str, curves: Mapping[str, Sequence[Points]]) -> list[Figure]:
    """Return the steps of each seed; a world that was read must be learned sooner, of the others none is promised."""
    figures = []
    for seed, (ours, theirs) in enumerate(zip(curves["pretrained"], curves["scratch"], strict=True)):
        value, control = _reached(ours), _reached(theirs)
        sooner = value < control or (math.isfinite(value) and math.isnan(control))
        goal = "sooner than from scratch" if how.startswith("read") else ""
        figure = Figure(f"{task}: steps to {SOLVED}, seed {seed}", value, "steps", goal, sooner, how)
        figures.append(figure.beside(control, "from scratch"))
    return figures
