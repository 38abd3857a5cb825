from collections import defaultdict
from pathlib import Path
from typing import get_args

import pytest

from agents.config import RunConfig
from agents.events import Evaluated, RunStarted, StageStarted, TasksChanged
from agents.story import Story
from app.viewer import orders
from app.viewer.viewer_thread import ViewerThread
from app.viewer.watching import Watching
from envs.curriculum import Stage
from envs.external.active_calls import ActiveCall

STAGES = tuple(Stage(id=key, task=key, steps=100) for key in ("household/go-to", "mirror/go-to", "household/open"))


@pytest.fixture
def story():
    """A run of three stages that learns each task and forgets the first."""
    tasks = tuple(stage.configured_task for stage in STAGES)
    story = Story([RunStarted(step=0, config=RunConfig(stages=STAGES)), TasksChanged(step=0, tasks=tasks)])
    for index, scores in enumerate([(1.0, 0.0, 0.1), (0.9, 0.6, 0.1), (0.1, 0.7, 0.8)]):
        story.fold(StageStarted(step=100 * index, index=index, task_id=index, stage=STAGES[index]))
        story.fold(Evaluated(step=100 * index + 90, index=index, scores=scores, final=True))
    return story


@pytest.fixture
def watching(qapp):
    """A `Watching` whose viewer is not started."""
    instance = Watching()
    yield instance
    instance.deleteLater()


def watched_key(watching):
    return watching._shown[0].key


def test_in_a_comparison_the_task_with_the_largest_difference_is_watched(watching, story, tmp_path):
    watching.show_step(tmp_path, story.until(95))
    assert watching.is_comparing
    assert watched_key(watching) == "household/go-to"  # 1.0 then, 0.1 now
    watching.show_step(tmp_path, story.until(50))
    assert watched_key(watching) == "household/go-to"  # no score at that step: the task in training
    watching.show_step(tmp_path, story.until(195))
    assert watched_key(watching) == "household/go-to"


def test_a_past_agent_alone_is_watched_in_the_task_that_it_trained(watching, story, tmp_path):
    watching.show_step(tmp_path, story.until(195))
    watching.compare(wanted=False)
    assert watched_key(watching) == "mirror/go-to"
    watching.compare(wanted=True)
    assert watched_key(watching) == "household/go-to"
    watching.show_step(tmp_path, story.until())
    assert watched_key(watching) == "household/open"


def test_a_chosen_task_stays(watching, story, tmp_path):
    watching.choose(STAGES[2].configured_task)
    for step in (95, 195, None):
        watching.show_step(tmp_path, story.until(step))
        assert watched_key(watching) == "household/open"


SETTINGS = {
    orders.SetSpeed: lambda watching, _: watching.set_speed(3.0),
    orders.SetSuspended: lambda watching, _: watching.suspend(True),
    orders.SetExplaining: lambda watching, _: watching.explain(wanted=True),
    orders.SetPastAgents: lambda watching, view: watching.show_step(Path(), view),
    orders.SetTheme: lambda watching, _: watching.apply_theme(dark=True),
    orders.SetSize: lambda watching, _: watching.set_size(300),
}
"""A call that orders each type of setting."""


@pytest.fixture
def ordered(monkeypatch):
    """The orders by viewer; no viewer is started."""
    orders_by_viewer = defaultdict(list)
    monkeypatch.setattr(ViewerThread, "start", lambda viewer: None)
    monkeypatch.setattr(ViewerThread, "order", lambda viewer, order: orders_by_viewer[viewer].append(order))
    return orders_by_viewer


@pytest.mark.parametrize("kind", get_args(orders.Setting))
def test_a_replacement_viewer_receives_every_setting(watching, ordered, story, kind):
    SETTINGS[kind](watching, story.until(95))
    given = [order for order in ordered[watching.viewer] if isinstance(order, kind)]
    watching._replace(ActiveCall("gym:Slow-v0", "step", 5.0))
    assert [order for order in ordered[watching.viewer] if isinstance(order, kind)] == given[-1:]


def test_a_replacement_viewer_receives_only_settings(watching, ordered, story, tmp_path):
    watching.show_step(tmp_path, story.until(95))
    watching.step()
    watching.instruct("open the box")
    watching._replace(ActiveCall("gym:Slow-v0", "step", 5.0))
    assert all(isinstance(order, orders.Setting) for order in ordered[watching.viewer])


@pytest.mark.parametrize("began_dark", [True, False])
@pytest.mark.parametrize("changed_to", [None, True, False])
def test_a_replacement_viewer_draws_for_the_same_theme(qapp, ordered, began_dark, changed_to):
    watching = Watching(dark=began_dark)
    if changed_to is not None:
        watching.apply_theme(dark=changed_to)
    watching._replace(ActiveCall("gym:Slow-v0", "step", 5.0))
    assert ordered[watching.viewer] == [orders.SetTheme(began_dark if changed_to is None else changed_to)]
    watching.deleteLater()


def test_the_reason_why_a_world_cannot_be_watched_names_its_task(watching, story, tmp_path):
    messages = []
    watching.failed.connect(messages.append)
    watching.viewer.failed.emit("it broke")
    watching.show_step(tmp_path, story.until(95))
    watching.viewer.failed.emit("Arena-v0: step raised ValueError: no")
    assert messages == ["it broke", "Go to can't be watched. Arena-v0: step raised ValueError: no"]
