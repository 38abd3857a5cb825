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
    told = Story([RunStarted(step=0, config=RunConfig(stages=STAGES)), TasksChanged(step=0, tasks=tasks)])
    for index, scores in enumerate([(1.0, 0.0, 0.1), (0.9, 0.6, 0.1), (0.1, 0.7, 0.8)]):
        told.fold(StageStarted(step=100 * index, index=index, task_id=index, stage=STAGES[index]))
        told.fold(Evaluated(step=100 * index + 90, index=index, scores=scores, final=True))
    return told


@pytest.fixture
def watching(qapp):
    """What is watched, where nothing paints it."""
    made = Watching()
    yield made
    made.deleteLater()


def watched(watching):
    return watching._shown[0].key


def test_beside_the_agent_of_now_the_task_is_watched_that_differs_most(watching, story, tmp_path):
    watching.travel(tmp_path, story.until(95))
    assert watching.compares
    assert watched(watching) == "household/go-to"  # 1.0 then, 0.1 now
    watching.travel(tmp_path, story.until(50))
    assert watched(watching) == "household/go-to"  # nothing was measured then: the one in training
    watching.travel(tmp_path, story.until(195))
    assert watched(watching) == "household/go-to"


def test_the_agent_of_then_alone_is_watched_in_the_task_that_it_trained(watching, story, tmp_path):
    watching.travel(tmp_path, story.until(195))
    watching.compare(wanted=False)
    assert watched(watching) == "mirror/go-to"
    watching.compare(wanted=True)
    assert watched(watching) == "household/go-to"
    watching.travel(tmp_path, story.until())
    assert watched(watching) == "household/open"


def test_a_task_that_a_person_chose_stays(watching, story, tmp_path):
    watching.choose(STAGES[2].configured_task)
    for step in (95, 195, None):
        watching.travel(tmp_path, story.until(step))
        assert watched(watching) == "household/open"


SETTINGS = {
    orders.SetPace: lambda watching, _: watching.pace(3.0),
    orders.SetResting: lambda watching, _: watching.rest(True),
    orders.SetExplaining: lambda watching, _: watching.explain(wanted=True),
    orders.SetEarlier: lambda watching, view: watching.travel(Path(), view),
    orders.SetTheme: lambda watching, _: watching.apply_theme(dark=True),
    orders.SetSize: lambda watching, _: watching.fit(300),
}
"""By the kind of setting, what sets it."""


@pytest.fixture
def ordered(monkeypatch):
    """What was ordered, by viewer; none of them runs."""
    told = defaultdict(list)
    monkeypatch.setattr(ViewerThread, "start", lambda viewer: None)
    monkeypatch.setattr(ViewerThread, "order", lambda viewer, order: told[viewer].append(order))
    return told


@pytest.mark.parametrize("kind", get_args(orders.Setting))
def test_a_viewer_in_the_place_of_one_that_hangs_is_given_every_setting(watching, ordered, story, kind):
    SETTINGS[kind](watching, story.until(95))
    given = [order for order in ordered[watching.viewer] if isinstance(order, kind)]
    watching._replace(ActiveCall("gym:Slow-v0", "step", 5.0))
    assert [order for order in ordered[watching.viewer] if isinstance(order, kind)] == given[-1:]


def test_what_a_viewer_was_to_do_once_is_not_repeated_to_the_next_one(watching, ordered, story, tmp_path):
    watching.travel(tmp_path, story.until(95))
    watching.step()
    watching.instruct("open the box")
    watching._replace(ActiveCall("gym:Slow-v0", "step", 5.0))
    assert all(isinstance(order, orders.Setting) for order in ordered[watching.viewer])


@pytest.mark.parametrize("began_dark", [True, False])
@pytest.mark.parametrize("changed_to", [None, True, False])
def test_a_viewer_in_the_place_of_one_that_hangs_paints_for_the_same_theme(qapp, ordered, began_dark, changed_to):
    watching = Watching(dark=began_dark)
    if changed_to is not None:
        watching.apply_theme(dark=changed_to)
    watching._replace(ActiveCall("gym:Slow-v0", "step", 5.0))
    assert ordered[watching.viewer] == [orders.SetTheme(began_dark if changed_to is None else changed_to)]
    watching.deleteLater()


def test_why_a_world_can_not_be_watched_names_the_task(watching, story, tmp_path):
    said = []
    watching.failed.connect(said.append)
    watching.viewer.failed.emit("it broke")
    watching.travel(tmp_path, story.until(95))
    watching.viewer.failed.emit("Arena-v0: step raised ValueError: no")
    assert said == ["it broke", "Go to can't be watched. Arena-v0: step raised ValueError: no"]
