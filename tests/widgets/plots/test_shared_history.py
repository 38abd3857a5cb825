import pytest

from agents.story import Story
from widgets.plots.shared_history import branch_step, fork_points


def story(run, parent=None):
    forked = Story()
    forked.run, forked.parent = run, parent
    return forked


MAIN = story("main")
CASES = [
    (MAIN, story("fork", ("main", 500)), 500),
    (MAIN, story("other"), None),
    (MAIN, story("unrelated", ("gone", 500)), None),
    (story("one", ("main", 300)), story("two", ("main", 700)), 300),
    (Story(), Story(), None),
]


@pytest.mark.parametrize(("one", "other", "step"), CASES)
def test_runs_part_where_one_was_left_whichever_is_asked_first(one, other, step):
    assert branch_step(one, other) == step
    assert branch_step(other, one) == step


def test_each_run_leaves_the_one_that_it_shares_most_with():
    fork, fork_of_fork = story("fork", ("main", 500)), story("second", ("fork", 800))
    assert fork_points([MAIN, fork, fork_of_fork, story("other")]) == [None, (0, 500), (1, 800), None]


def test_a_parent_laid_over_its_fork_begins_where_they_part():
    assert fork_points([story("fork", ("main", 500)), MAIN]) == [None, (0, 500)]
