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
def alert(qtbot, tmp_path):
    """A `CollapseAlert` that is called with scenes; `texts` lists its notices."""
    session = Session(tmp_path / "runs")
    alert = CollapseAlert(session)
    alert.texts = []
    session.noticed.connect(lambda notice: alert.texts.append(notice.text))
    yield alert
    session.close()
    session.deleteLater()


def stage(story, index):
    """Add a stage with low scores and no entropy."""
    start = story.step
    story.fold(StageStarted(step=start, index=index, task_id=0, stage=STAGE))
    for offset in range(1, EPISODES + 1):
        story.fold(EpisodeFinished(step=start + offset, index=index, task_id=0, reward=0.0, score=0.0, length=1))
    for offset in range(UPDATES):
        end = start + EPISODES + 1 + offset
        story.fold(Updated(step=end, index=index, terms={"entropy": 0.0, "repetition": 1.0}, rate=1.0))
    return story


@pytest.fixture
def story():
    tasks = (STAGE.configured_task,)
    story = Story([RunStarted(step=0, config=RunConfig(stages=(STAGE,))), TasksChanged(step=0, tasks=tasks)])
    return stage(story, 0)


def test_a_collapse_is_reported_once_per_stage(alert, story):
    for _ in range(3):
        alert.check(Scene(story=story, state="running"))
    assert len(alert.texts) == 1
    assert "Go to" in alert.texts[0]
    story.fold(StageFinished(step=story.step, index=0, reason="budget"))
    stage(story, 1)
    alert.check(Scene(story=story, state="running"))
    assert len(alert.texts) == 2


@pytest.mark.parametrize("state", ["idle", "preparing", "paused", "stored"])
def test_only_a_running_run_is_checked(alert, story, state):
    alert.check(Scene(story=story, state=state))
    alert.check(Scene(state="running"))
    assert alert.texts == []
