import pytest

from agents.config import RunConfig
from agents.events import RunStarted, StageFinished, StageStarted
from agents.infer.explanation_data import Milestone, milestones
from agents.story import Story
from envs.curriculum import Stage

STAGES = tuple(Stage(id=name, task="household/go-to", steps=100) for name in "abc")


@pytest.fixture
def story():
    """Two stages are over, the third goes on."""
    told = Story([RunStarted(step=0, config=RunConfig(stages=STAGES))])
    for index, stage in enumerate(STAGES):
        if index:
            told.fold(StageFinished(step=100 * index, index=index - 1, reason="budget"))
        told.fold(StageStarted(step=100 * index, index=index, task_id=0, stage=stage))
    return told


@pytest.mark.parametrize(("step", "before"), [(0, None), (50, None), (150, 100), (200, 200), (250, 200), (None, 200)])
def test_a_decision_is_compared_with_birth_and_with_the_end_of_the_stage_before(story, step, before):
    found = milestones(story.until(step))
    assert found[0] == Milestone("untrained", 0)
    assert found[1:] == (() if before is None else (Milestone("before", before),))


def test_a_run_that_is_over_is_compared_with_the_end_of_the_stage_before_its_last(story):
    story.fold(StageFinished(step=300, index=2, reason="budget"))
    assert milestones(story.until())[1] == Milestone("before", 200)


def test_before_any_stage_there_is_nothing_to_compare_with():
    assert milestones(Story().until()) == ()
