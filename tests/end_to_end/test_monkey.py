"""Someone presses everything, in no order, while the agent learns: nothing breaks, hangs or stays behind."""

from itertools import islice

import pytest

from app.benchmarks.monkey import run_monkey, told
from app.benchmarks.random_person import CHANCES, KINDS, script

EVENTS = 300


@pytest.mark.parametrize("seed", [1])
def test_random_events_break_nothing(seed):
    found = run_monkey(seed, EVENTS)
    assert (found.crash, found.errors) == ("", ()), told(found)
    assert (found.events, found.steps > 0) == (EVENTS, True)


def test_the_same_person_does_the_same_again():
    assert list(script(3, 50)) == list(script(3, 50))
    assert list(script(3, 50)) == list(islice(script(3, 50), 50))
    assert list(script(3, 50)) != list(script(4, 50))


def test_everything_that_can_be_done_is_done():
    assert set(KINDS) == set(CHANCES) == {deed.kind for deed in script(0, 500)}
