import pytest

from agents.commands import EditCurriculum
from agents.config import RunConfig
from agents.events import CommandApplied, Progress, RunFinished, RunStarted, StageFinished, StageStarted, TasksChanged
from agents.story import Story
from envs.curriculum import Stage, distinct_tasks
from widgets.plots.stage_extents import extents

STAGES = (
    Stage(id="a", task="household/go-to", steps=1_000, until=0.9),
    Stage(id="b", task="mirror/go-to", steps=2_000),
)


@pytest.fixture
def story():
    """The first stage reached its gate at 400, the second has begun."""
    return Story(
        [
            RunStarted(step=0, config=RunConfig(stages=STAGES)),
            TasksChanged(step=0, tasks=distinct_tasks(STAGES)),
            StageStarted(step=0, index=0, task_id=0, stage=STAGES[0]),
            StageFinished(step=400, index=0, reason="gate"),
            StageStarted(step=400, index=1, task_id=1, stage=STAGES[1]),
            Progress(step=900, index=1, phase="acting"),
        ]
    )


def spans(story, step=None):
    return [(one.start, one.end, one.hue, one.planned) for one in extents(story.until(step), {})]


def test_a_stage_is_as_long_as_it_was_and_the_rest_as_long_as_planned(story):
    assert spans(story) == [(0, 400, 0, False), (400, 2_400, 1, False)]
    assert spans(story, 100) == [(0, 1_000, 0, False), (1_000, 3_000, 1, True)]


def test_an_edit_of_the_running_stage_moves_its_end_and_adds_what_follows(story):
    added = Stage(id="c", task="household/open", steps=500)
    stages = (STAGES[0], STAGES[1].model_copy(update={"steps": 600}), added)
    story.fold(CommandApplied(step=900, command=EditCurriculum(stages=stages)))
    assert spans(story) == [(0, 400, 0, False), (400, 1_000, 1, False), (1_000, 1_500, 2, True)]


def test_a_run_that_is_over_has_no_plan_left(story):
    story.fold(RunFinished(step=950, reason="stopped"))
    assert spans(story) == [(0, 400, 0, False), (400, 950, 1, False)]


def test_without_stages_there_is_nothing_to_lay_out():
    assert extents(Story().until(), {}) == []
