"""Random user input while the agent learns: no errors, no hangs, no processes left behind."""

from itertools import islice

import pytest

from app.benchmarks.monkey import run_monkey, told
from app.benchmarks.random_person import CHANCES, KINDS, script

EVENTS = 300


@pytest.mark.parametrize("seed", [1])
def test_random_events_break_nothing(seed):
    result = run_monkey(seed, EVENTS)
    assert (result.crash, result.errors) == ("", ()), told(result)
    assert (result.events, result.steps > 0) == (EVENTS, True)


def test_the_same_seed_gives_the_same_events():
    assert list(script(3, 50)) == list(script(3, 50))
    assert list(script(3, 50)) == list(islice(script(3, 50), 50))
    assert list(script(3, 50)) != list(script(4, 50))


def test_every_kind_of_event_occurs():
    assert set(KINDS) == set(CHANCES) == {event.kind for event in script(0, 500)}
