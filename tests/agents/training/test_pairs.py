"""Every two parts that can be combined train a few steps together without a fault."""

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
MAX_ROWS = 150
"""Maximum number of rows, to limit the time of the tests."""


def can_combine(model, algorithm, strategy):
    try:
        RunConfig().changed({"model.name": model, "algorithm.name": algorithm, "strategy.name": strategy})
    except ValidationError:
        return False
    return True


def pairs(row):
    """Return every pair of values of a row, each with its column."""
    return set(combinations(enumerate(row), 2))


def covering_rows():
    """Yield rows that cover every pair of compatible values, greedily: the row with most new pairs first."""
    compatible = [parts for parts in product(MODELS, ALGORITHMS, STRATEGIES) if can_combine(*parts)]
    rows = [(*parts, family) for parts in compatible for family in FAMILIES]
    pairs_of = {row: pairs(row) for row in rows}
    left = set().union(*pairs_of.values())
    while left:
        row = max(rows, key=lambda row: len(pairs_of[row] & left))
        left -= pairs_of[row]
        yield row


def in_worlds(rows):
    """Yield each row with an environment of its family, cycling through the family."""
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
    assert len(ROWS) <= MAX_ROWS


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
