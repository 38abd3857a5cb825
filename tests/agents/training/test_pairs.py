"""Every two parts that can be combined learn a little together without a fault."""

from itertools import combinations, product

import pytest
from pydantic import ValidationError

from agents import registry
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.config.strategy_pair import tables
from agents.events import Fault, Updated
from agents.training.trainer import Trainer
from envs.curriculum import Stage
from envs.task import library

MODELS = ("transformer", "mlp", "table")
ALGORITHMS = sorted(registry.names(registry.ALGORITHMS))
STRATEGIES = [*sorted(registry.names(registry.STRATEGIES)), "ewc+replay"]
FAMILIES = {
    group: [spec.key for spec in library() if spec.group == group] for group in sorted({s.group for s in library()})
}
MOST = 150
"""Rows that the tests may take the time for."""


def can_combine(model, algorithm, strategy):
    try:
        RunConfig().changed({"model.name": model, "algorithm.name": algorithm, "strategy.name": strategy})
    except ValidationError:
        return False
    return True


def pairs(row):
    """Every two values of a row, each with the table it is of."""
    return set(combinations(enumerate(row), 2))


def covering_rows():
    """Yield rows in which each two values that can be combined meet: each time the first row with most new pairs."""
    fitting = [parts for parts in product(MODELS, ALGORITHMS, STRATEGIES) if can_combine(*parts)]
    rows = [(*parts, family) for parts in fitting for family in FAMILIES]
    met = {row: pairs(row) for row in rows}
    left = set().union(*met.values())
    while left:
        row = max(rows, key=lambda row: len(met[row] & left))
        left -= met[row]
        yield row


def in_worlds(rows):
    """Yield each row with a world of its family; the worlds of a family take turns."""
    turns = dict.fromkeys(FAMILIES, 0)
    for *parts, family in rows:
        yield *parts, FAMILIES[family][turns[family] % len(FAMILIES[family])]
        turns[family] += 1


COVERING = list(covering_rows())
ROWS = list(in_worlds(COVERING))


def test_the_rows_cover_every_pair_and_every_world():
    algorithms = {(a, s) for _, a, s, _ in COVERING}
    assert algorithms == {
        (a, s) for a, s in product(ALGORITHMS, STRATEGIES) if any(can_combine(m, a, s) for m in MODELS)
    }
    assert {(a, family) for _, a, _, family in COVERING} == set(product(ALGORITHMS, FAMILIES))
    assert {(s, family) for _, _, s, family in COVERING} == set(product(STRATEGIES, FAMILIES))
    assert {world for *_, world in ROWS} == {spec.key for spec in library()}
    assert len(ROWS) <= MOST


@pytest.mark.parametrize(("model", "algorithm", "strategy", "world"), ROWS)
def test_a_pair_learns_without_a_fault(model, algorithm, strategy, world):
    other = "household/take" if world == "household/go-to" else "household/go-to"
    config = RunConfig(
        stages=tuple(Stage(task=task, steps=32) for task in (world, other)),
        learning=LearningConfig(n_envs=4, n_steps=4),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
    ).changed({"model.name": model, "algorithm.name": algorithm, "strategy.name": strategy})
    brief = {"samples": 8, "post_prune_steps": 2, "compress_steps": 2}
    for table, part in tables(config.strategy).items():
        config = config.changed({f"strategy.{table}{key}": n for key, n in brief.items() if hasattr(part, key)})
    events = list(Trainer(config).run())
    assert not [event for event in events if isinstance(event, Fault)]
    assert len([event for event in events if isinstance(event, Updated)]) == 4
