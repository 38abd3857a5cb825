"""Does an agent use what it was told once? A rule that changes by episode, with a knowledge base and without."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from time import process_time

import numpy as np

from agents.benchmarks.chart import Chart, Points, curve
from agents.benchmarks.figure import Figure
from agents.benchmarks.result import Findings
from agents.config import EvaluationConfig, KnowledgeConfig, RunConfig
from agents.events import Evaluated
from agents.knowledge.hashing import HashedNgrams
from agents.knowledge.knowledge_base import KnowledgeBase
from agents.trainer import Trainer
from envs.curriculum import Stage

TASK, OPTIONS = "household/rules", {"rooms": 2, "rule": "thing", "told": "once"}
STEPS = 120_000
ARMS: Mapping[str, int] = {"knowledge base": 256, "none": 0}
"""Sentences that are kept."""
SOLVED, CHANCE = 0.9, 0.6
ENTRIES, LOOKS, MILLISECONDS = 100_000, 101, 20
_WORDS = 4_000


def measure(seeds: int = 3, steps: int = STEPS, entries: int = ENTRIES) -> Findings:
    """Let the same agent live the same steps with and without a knowledge base, then look up in a large one."""
    curves: dict[str, list[Points]] = {arm: [] for arm in ARMS}
    for seed in range(seeds):
        for arm, kept in ARMS.items():
            points = _lived(seed, steps, kept)
            told = " ".join(f"{score:.2f}" for _, score in points)
            print(f"seed {seed}, {arm}: {told}", file=sys.stderr, flush=True)
            curves[arm].append(points)
    series = tuple(curve(arm, lived, is_control=arm == "none") for arm, lived in curves.items())
    chart = Chart("A rule that is told once and changes by episode", "steps", "success", series)
    return Findings((*_successes(curves, steps), _recall(entries)), (chart,))


def _lived(seed: int, steps: int, kept: int) -> Points:
    stage = Stage(task=TASK, steps=steps, options=OPTIONS)
    evaluation = EvaluationConfig(every=max(steps // 10, 1), episodes=256)
    config = RunConfig(seed=seed, stages=(stage,), evaluation=evaluation, knowledge=KnowledgeConfig(entries=kept))
    told = Trainer(config).run()
    return [(event.step, event.scores[0] or 0.0) for event in told if isinstance(event, Evaluated)]


def _successes(curves: Mapping[str, Sequence[Points]], steps: int) -> list[Figure]:
    how = f"{TASK} with {OPTIONS['rooms']} rooms after {steps:,} steps; PPO, greedy evaluation of 256 episodes"
    figures = []
    for seed, (knowing, other) in enumerate(zip(curves["knowledge base"], curves["none"], strict=True)):
        with_, without = knowing[-1][1], other[-1][1]
        figure = Figure(f"success knowing the rule, seed {seed}", with_, "of 1", f"≥ {SOLVED}", with_ >= SOLVED, how)
        figures.append(figure.beside(without, "the same run without a knowledge base"))
        name, held = f"success without a knowledge base, seed {seed}", without <= CHANCE
        figures.append(Figure(name, without, "of 1", f"≤ {CHANCE}", held, how))
    return figures


def _recall(entries: int) -> Figure:
    """Return how long the median look-up takes among so many sentences of seven words."""
    chance = np.random.default_rng(0)
    known = KnowledgeBase(KnowledgeConfig(entries=entries), HashedNgrams())
    sentences = [" ".join(f"word{word}" for word in row) for row in chance.integers(_WORDS, size=(entries, 7))]
    for sentence in sentences:
        known.tell(sentence)
    seconds, found = [], 0
    for place in chance.integers(entries, size=LOOKS).tolist():
        began = process_time()
        recalled = known.recall(sentences[place])
        seconds.append(process_time() - began)
        found += recalled[0].sentence == sentences[place]
    milliseconds = 1_000 * float(np.median(seconds))
    return Figure(
        name=f"time of a recall among {entries:,} sentences",
        value=milliseconds,
        unit="ms",
        goal=f"≤ {MILLISECONDS}",
        holds=milliseconds <= MILLISECONDS and found == LOOKS,
        source=f"processor time, median of {LOOKS}, exact cosine; {found} of {LOOKS} found the sentence asked for",
    )
