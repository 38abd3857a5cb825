import pytest

from agents.analysis.score_changes import most_changed, then_and_now
from agents.config import RunConfig
from agents.events import Evaluated, RunStarted, TasksChanged
from agents.story import Story
from envs.task import Task

TASKS = tuple(Task(key=key) for key in ("household/go-to", "mirror/go-to", "household/open"))


def story(*evaluations):
    """A run whose evaluations are (step, scores)."""
    run = Story([RunStarted(step=0, config=RunConfig()), TasksChanged(step=0, tasks=TASKS)])
    for step, scores in evaluations:
        run.fold(Evaluated(step=step, index=0, scores=scores, final=False))
    return run


@pytest.mark.parametrize(
    ("then", "now", "task_id"),
    [
        ((0.1, 0.1, 0.1), (0.2, 0.9, 0.1), 1),
        ((1.0, 0.1, 0.1), (0.0, 0.9, 0.1), 0),
        ((1.0, 0.0, 0.1), (0.0, 1.0, 0.1), 0),
        ((0.0, 1.0, 0.1), (1.0, 0.0, 0.1), 1),
        ((None, 0.0, 0.1), (1.0, 0.1, 0.1), 1),
        ((0.3, 0.3, 0.3), (0.3, 0.3, 0.3), None),
        ((), (1.0, 1.0, 1.0), None),
    ],
    ids=["rose", "fell", "fell and rose equally", "rose and fell equally", "not measured then", "the same", "unknown"],
)
def test_the_task_that_has_changed_most(then, now, task_id):
    run = story((10, then), (20, now))
    assert most_changed(run.until(15)) == task_id


def test_the_scores_are_the_last_ones_known_at_each_step():
    run = story((10, (0.1,)), (20, (0.2,)), (30, (None,)))
    assert then_and_now(run.until(15), 0) == (0.1, 0.2)
    assert then_and_now(run.until(25), 0) == (0.2, 0.2)
    assert then_and_now(run.until(5), 0) == (None, 0.2)
    assert then_and_now(run.until(15), 1) == (None, None)


def test_nothing_changed_since_now():
    run = story((10, (0.1, 0.2, 0.3)))
    assert most_changed(run.until()) is None
