"""Does an agent use what it was told once? A rule that changes by episode, with a knowledge base and without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import process_time

import numpy as np

from agents.benchmarks.learning.score_curve import print_scores, score_curve
from agents.benchmarks.report.chart import Chart, Points, curve
from agents.benchmarks.report.figure import Figure, at_least, at_most
from agents.benchmarks.report.result import Findings
from agents.config import RunConfig
from agents.config.agent import KnowledgeConfig
from agents.config.learning import EvaluationConfig
from agents.knowledge.knowledge_base import KnowledgeBase
from agents.knowledge.ngram_encoder import HashedNgrams
from agents.training.trainer import Trainer
from envs.curriculum import Stage

TASK, OPTIONS = "household/rules", {"rooms": 2, "rule": "thing", "rule_shown": "once"}
STEPS = 120_000
ARMS: Mapping[str, int] = {"knowledge base": 256, "none": 0}
"""Sentences that are kept."""
SOLVED, CHANCE = 0.9, 0.6
ENTRIES, LOOKS, MILLISECONDS, COPIED = 100_000, 101, 20, 1
_WORDS = 4_000


def measure(seeds: int = 3, steps: int = STEPS, entries: int = ENTRIES) -> Findings:
    """Let the same agent live the same steps with and without a knowledge base, then look up in a large one."""
    curves: dict[str, list[Points]] = {arm: [] for arm in ARMS}
    for seed in range(seeds):
        for arm, kept in ARMS.items():
            points = _lived(seed, steps, kept)
            print_scores(f"seed {seed}, {arm}", points)
            curves[arm].append(points)
    series = tuple(curve(arm, lived, is_control=arm == "none") for arm, lived in curves.items())
    chart = Chart("A rule that is told once and changes by episode", "steps", "success", series)
    known, sentences = _filled(entries)
    return Findings((*_successes(curves, steps), _recall(known, sentences), _copy(known)), (chart,))


def _lived(seed: int, steps: int, kept: int) -> Points:
    stage = Stage(task=TASK, steps=steps, options=OPTIONS)
    evaluation = EvaluationConfig(eval_freq=max(steps // 10, 1), n_eval_episodes=256)
    config = RunConfig(seed=seed, stages=(stage,), evaluation=evaluation, knowledge=KnowledgeConfig(max_entries=kept))
    return score_curve(Trainer(config).run())


def _successes(curves: Mapping[str, Sequence[Points]], steps: int) -> list[Figure]:
    how = f"{TASK} with {OPTIONS['rooms']} rooms after {steps:,} steps; PPO, greedy evaluation of 256 episodes"
    figures = []
    for seed, (knowing, other) in enumerate(zip(curves["knowledge base"], curves["none"], strict=True)):
        with_, without = knowing[-1][1], other[-1][1]
        figure = at_least(f"success knowing the rule, seed {seed}", with_, "of 1", SOLVED, how)
        figures.append(figure.beside(without, "the same run without a knowledge base"))
        figures.append(at_most(f"success without a knowledge base, seed {seed}", without, "of 1", CHANCE, how))
    return figures


def _filled(entries: int) -> tuple[KnowledgeBase, list[str]]:
    """Return a base that was told so many sentences of seven words and has room for one more, and the sentences."""
    rng = np.random.default_rng(0)
    known = KnowledgeBase(KnowledgeConfig(max_entries=entries + 1), HashedNgrams())
    sentences = [" ".join(f"word{word}" for word in row) for row in rng.integers(_WORDS, size=(entries, 7))]
    for sentence in sentences:
        known.add_sentence(sentence)
    return known, sentences


def _recall(known: KnowledgeBase, sentences: Sequence[str]) -> Figure:
    """Return how long the median look-up takes."""
    seconds, found, entries = [], 0, len(sentences)
    for place in np.random.default_rng(1).integers(entries, size=LOOKS).tolist():
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


def _copy(known: KnowledgeBase) -> Figure:
    """Return how long a copy takes, as the watched agent gets one with the newest weights."""
    shared = _milliseconds(known.copy)
    learning = _milliseconds(lambda: known.copy().add_sentence("something new"))
    how = f"processor time, median of {LOOKS}"
    figure = at_most(f"time of a copy of {len(known):,} sentences", shared, "ms", COPIED, how)
    return figure.beside(learning, "a copy that learns a sentence, and so has all tables for itself")


def _milliseconds(act: Callable[[], object]) -> float:
    seconds = []
    for _ in range(LOOKS):
        began = process_time()
        act()
        seconds.append(process_time() - began)
    return 1_000 * float(np.median(seconds))
