"""Does an agent use a fact that it reads once? A rule that changes by episode, with a knowledge base and without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import process_time

import numpy as np

from agents.benchmarks.learning.score_curve import score_curve, train_arms
from agents.benchmarks.report.chart import Points, curve_chart
from agents.benchmarks.report.figure import Figure, at_least, at_most
from agents.benchmarks.report.result import Findings
from agents.benchmarks.report.timing import seconds_of
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
"""Capacity of the knowledge base, in sentences."""
SOLVED, CHANCE = 0.9, 0.6
ENTRIES, REPEATS, RECALL_MS, COPY_MS = 100_000, 101, 20, 1
_WORDS = 4_000


def measure(seeds: int = 3, steps: int = STEPS, entries: int = ENTRIES) -> Findings:
    """Train the same agent with and without a knowledge base, then time a knowledge base of `entries` sentences."""
    curves = train_arms(ARMS, seeds, lambda arm, seed: _train(seed, steps, ARMS[arm]))
    chart = curve_chart("A rule that is shown once and changes by episode", "steps", "success", curves, ("none",))
    knowledge, sentences = _filled(entries)
    figures = (*_successes(curves, steps), _recall_time(knowledge, sentences), _copy_time(knowledge))
    return Findings(figures, (chart,))


def _train(seed: int, steps: int, capacity: int) -> Points:
    stage = Stage(task=TASK, steps=steps, options=OPTIONS)
    evaluation = EvaluationConfig(eval_freq=max(steps // 10, 1), n_eval_episodes=256)
    knowledge = KnowledgeConfig(max_entries=capacity)
    return score_curve(Trainer(RunConfig(seed=seed, stages=(stage,), evaluation=evaluation, knowledge=knowledge)).run())


def _successes(curves: Mapping[str, Sequence[Points]], steps: int) -> list[Figure]:
    source = f"{TASK} with {OPTIONS['rooms']} rooms after {steps:,} steps; PPO, greedy evaluation of 256 episodes"
    figures = []
    for seed, (with_base, without_base) in enumerate(zip(curves["knowledge base"], curves["none"], strict=True)):
        success, control = with_base[-1][1], without_base[-1][1]
        figure = at_least(f"success knowing the rule, seed {seed}", success, "of 1", SOLVED, source)
        figures.append(figure.beside(control, "the same run without a knowledge base"))
        figures.append(at_most(f"success without a knowledge base, seed {seed}", control, "of 1", CHANCE, source))
    return figures


def _filled(entries: int) -> tuple[KnowledgeBase, list[str]]:
    """Return a base with `entries` random sentences of seven words and room for one more, and the sentences."""
    rng = np.random.default_rng(0)
    knowledge = KnowledgeBase(KnowledgeConfig(max_entries=entries + 1), HashedNgrams())
    sentences = [" ".join(f"word{word}" for word in row) for row in rng.integers(_WORDS, size=(entries, 7))]
    for sentence in sentences:
        knowledge.add_sentence(sentence)
    return knowledge, sentences


def _recall_time(knowledge: KnowledgeBase, sentences: Sequence[str]) -> Figure:
    """Time the retrieval of random sentences; each must be its own nearest neighbour."""
    entries = len(sentences)
    queries = (sentences[index] for index in np.random.default_rng(1).integers(entries, size=REPEATS).tolist())
    hits: list[bool] = []

    def recall() -> None:
        query = next(queries)
        hits.append(knowledge.recall(query)[0].sentence == query)

    milliseconds, found = _median_ms(recall), sum(hits)
    return Figure(
        name=f"time of a recall among {entries:,} sentences",
        value=milliseconds,
        unit="ms",
        goal=f"≤ {RECALL_MS}",
        holds=milliseconds <= RECALL_MS and found == REPEATS,
        source=f"processor time, median of {REPEATS}, exact cosine; {found} of {REPEATS} found the sentence asked for",
    )


def _copy_time(knowledge: KnowledgeBase) -> Figure:
    """Time a copy, as the watched agent gets one with every snapshot; the control also adds a sentence to it."""
    shared = _median_ms(knowledge.copy)
    learning = _median_ms(lambda: knowledge.copy().add_sentence("something new"))
    source = f"processor time, median of {REPEATS}"
    figure = at_most(f"time of a copy of {len(knowledge):,} sentences", shared, "ms", COPY_MS, source)
    return figure.beside(learning, "a copy that learns a sentence, and so has all tables for itself")


def _median_ms(function: Callable[[], object]) -> float:
    """Return the median processor time of `REPEATS` calls in milliseconds."""
    return 1_000 * float(np.median([seconds_of(function, process_time) for _ in range(REPEATS)]))
