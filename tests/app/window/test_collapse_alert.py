import pytest

from agents.analysis.collapse import EPISODES, UPDATES
from agents.config import RunConfig
from agents.events import EpisodeFinished, RunStarted, StageFinished, StageStarted, TasksChanged, Updated
from agents.story import Story
from app.session.session import Session
from app.window.collapse_alert import CollapseAlert
from envs.curriculum import Stage
from widgets.scene import Scene

STAGE = Stage(id="a", task="household/go-to", steps=10_000)


@pytest.fixture
def said(qtbot, tmp_path):
    """What an alarm says of the scenes that it is shown: `said.look(scene)`, `said.told`."""
    session = Session(tmp_path / "runs")
    alarm = CollapseAlert(session)
    alarm.told = []
    session.noticed.connect(lambda notice: alarm.told.append(notice.text))
    yield alarm
    session.close()
    session.deleteLater()


def stage(story, index):
    """Live a stage badly, and be sure of it."""
    start = story.step
    story.fold(StageStarted(step=start, index=index, task_id=0, stage=STAGE))
    for place in range(1, EPISODES + 1):
        story.fold(EpisodeFinished(step=start + place, index=index, task_id=0, reward=0.0, score=0.0, length=1))
    for place in range(UPDATES):
        end = start + EPISODES + 1 + place
        story.fold(Updated(step=end, index=index, terms={"entropy": 0.0, "repetition": 1.0}, rate=1.0))
    return story


@pytest.fixture
def story():
    tasks = (STAGE.configured_task,)
    told = Story([RunStarted(step=0, config=RunConfig(stages=(STAGE,))), TasksChanged(step=0, tasks=tasks)])
    return stage(told, 0)


def test_a_collapse_is_said_once_a_stage(said, story):
    for _ in range(3):
        said.look(Scene(story=story, state="running"))
    assert len(said.told) == 1
    assert "Go to" in said.told[0]
    story.fold(StageFinished(step=story.step, index=0, reason="budget"))
    stage(story, 1)
    said.look(Scene(story=story, state="running"))
    assert len(said.told) == 2


@pytest.mark.parametrize("state", ["idle", "preparing", "paused", "stored"])
def test_what_does_not_go_on_is_no_news(said, story, state):
    said.look(Scene(story=story, state=state))
    said.look(Scene(state="running"))
    assert said.told == []
