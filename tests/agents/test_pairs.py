"""Every pair of algorithm, strategy and world learns a little without a fault."""

from itertools import product

import pytest

from agents import registry
from agents.config import EvaluationConfig, LearningConfig, RunConfig
from agents.events import Fault, Updated
from agents.trainer import Trainer
from envs.curriculum import Stage
from envs.task import library

ALGORITHMS = sorted(registry.names(registry.ALGORITHMS))
STRATEGIES = sorted(registry.names(registry.STRATEGIES))
WORLDS = [spec.key for spec in library()]


def covering_rows():
    """Return rows in which each two values of different tables meet: strategy x world, algorithms taking turns."""
    for place, (world, strategy) in enumerate(product(WORLDS, STRATEGIES)):
        yield ALGORITHMS[(place // len(STRATEGIES) + place % len(STRATEGIES)) % len(ALGORITHMS)], strategy, world


ROWS = list(covering_rows())


def test_the_rows_cover_every_pair():
    assert {(a, s) for a, s, _ in ROWS} == set(product(ALGORITHMS, STRATEGIES))
    assert {(a, w) for a, _, w in ROWS} == set(product(ALGORITHMS, WORLDS))
    assert len(ROWS) <= 150


@pytest.mark.parametrize(("algorithm", "strategy", "world"), ROWS)
def test_a_pair_learns_without_a_fault(algorithm, strategy, world):
    other = "household/take" if world == "household/go-to" else "household/go-to"
    config = RunConfig(
        stages=tuple(Stage(task=task, steps=32) for task in (world, other)),
        learning=LearningConfig(worlds=4, rollout=4),
        evaluation=EvaluationConfig(episodes=1, every=0),
    ).changed({"algorithm.name": algorithm, "strategy.name": strategy})
    brief = {"samples": 8, "retraining": 2, "compression": 2}
    config = config.changed({f"strategy.{key}": n for key, n in brief.items() if hasattr(config.strategy, key)})
    events = list(Trainer(config).run())
    assert not [event for event in events if isinstance(event, Fault)]
    assert len([event for event in events if isinstance(event, Updated)]) == 4
