"""A random user presses everything while the agent learns, without crash, hang or error."""

from itertools import islice

import pytest

from app.benchmarks.monkey import run_monkey
from app.benchmarks.random_person import KINDS, WEIGHTS, script

EVENTS = 300


@pytest.mark.parametrize("seed", [1])
def test_random_interactions_cause_no_error(seed):
    found = run_monkey(seed, EVENTS)
    assert (found.crash, found.errors) == ("", ()), found.summary
    assert (found.events, found.steps > 0) == (EVENTS, True)


def test_the_seed_determines_the_interactions():
    assert list(script(3, 50)) == list(script(3, 50))
    assert list(script(3, 50)) == list(islice(script(3, 50), 50))
    assert list(script(3, 50)) != list(script(4, 50))


def test_every_kind_of_interaction_occurs():
    assert set(KINDS) == set(WEIGHTS) == {interaction.kind for interaction in script(0, 500)}
