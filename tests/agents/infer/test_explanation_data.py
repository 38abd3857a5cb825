import pytest

from agents.config import RunConfig
from agents.events import RunStarted, StageFinished, StageStarted
from agents.infer.explanation_data import Milestone, milestones
from agents.story import Story
from envs.curriculum import Stage

STAGES = tuple(Stage(id=name, task="household/go-to", steps=100) for name in "abc")


@pytest.fixture
def story():
    """A run in its third stage."""
    story = Story([RunStarted(step=0, config=RunConfig(stages=STAGES))])
    for index, stage in enumerate(STAGES):
        if index:
            story.fold(StageFinished(step=100 * index, index=index - 1, reason="budget"))
        story.fold(StageStarted(step=100 * index, index=index, task_id=0, stage=stage))
    return story


@pytest.mark.parametrize(("step", "before"), [(0, None), (50, None), (150, 100), (200, 200), (250, 200), (None, 200)])
def test_milestones_are_the_start_and_the_end_of_the_previous_stage(story, step, before):
    found = milestones(story.until(step))
    assert found[0] == Milestone("untrained", 0)
    assert found[1:] == (() if before is None else (Milestone("before", before),))


def test_milestones_of_a_finished_run_refer_to_its_last_but_one_stage(story):
    story.fold(StageFinished(step=300, index=2, reason="budget"))
    assert milestones(story.until())[1] == Milestone("before", 200)


def test_before_any_stage_there_are_no_milestones():
    assert milestones(Story().until()) == ()
