"""A notice goes once what it is about is over; what happened stays until it is closed."""

import pytest

from agents.config.config_file import curricula
from agents.store.run_store import RunStore
from app.session.resume import go_on
from envs.curriculum import Stage
from widgets.requests import OpenRun


def run(qtbot, window):
    window.session.play_or_pause()
    qtbot.waitUntil(lambda: window.session.state == "running", timeout=5_000)


def front(qtbot, window, scripted, config, name="first"):
    """Bring a run to the front that came to its end."""
    stored = RunStore(window.session.run_library.root).create(config, name)
    list(stored.record(scripted(config, steps=20).events))
    window.session.obey(OpenRun(stored.folder))
    qtbot.waitUntil(lambda: window.session.name == name and window.session.state == "stored", timeout=5_000)


def shown(window):
    return window.notice_bar.text.text() if window.notice_bar.isVisible() else ""


AWAY = {
    "another run": lambda qtbot, window, scripted, config: front(qtbot, window, scripted, config, "second"),
    "reset": lambda qtbot, window, scripted, config: window.session.reset(),
    "another curriculum": lambda qtbot, window, scripted, config: window.session.load(config),
    "a new run": lambda qtbot, window, scripted, config: run(qtbot, window),
}


@pytest.mark.parametrize("how", AWAY)
def test_that_a_run_is_finished_is_no_longer_said_once_it_is_not_in_front(qtbot, window, scripted, config, how):
    front(qtbot, window, scripted, config)
    go_on(window.session, None)
    assert "finished" in shown(window)
    AWAY[how](qtbot, window, scripted, config)
    assert "finished" not in shown(window)


def undo_a_seed(window):
    window.session.curriculum.undo()


def go_on_with_another(window):
    go_on(window.session, window.session.run_library.root / "another")


def open_a_curriculum(window):
    window.documents.open_path(next(iter(curricula().values())))


@pytest.mark.parametrize("act", [undo_a_seed, go_on_with_another, open_a_curriculum])
def test_that_a_run_goes_on_is_no_longer_said_once_it_is_over(qtbot, window, act):
    session = window.session
    session.reconfigure(session.config.changed({"seed": 3}), {"seed": 3})
    session.curriculum.mark_saved()
    run(qtbot, window)
    act(window)
    assert "going on" in shown(window)
    session.stop()
    qtbot.waitUntil(lambda: session.state == "stored", timeout=5_000)
    assert "going on" not in shown(window)


def add_a_clip(session):
    session.curriculum.insert(0, Stage(task="household/go-to", steps=100))


def change_a_setting(session):
    session.reconfigure(session.config.changed({"seed": 3}), {"seed": 3})


@pytest.mark.parametrize("mend", [add_a_clip, change_a_setting])
def test_what_stood_in_the_way_of_a_run_is_no_longer_said_once_the_plan_is_another(window, mend):
    for stage in window.session.curriculum.stages:
        window.session.curriculum.remove(stage.id)
    window.session.play_or_pause()
    assert "empty" in shown(window)
    mend(window.session)
    assert not shown(window)


def test_what_happened_stays(qtbot, window):
    window.session.notice("The disk broke.", is_problem=True)
    change_a_setting(window.session)
    run(qtbot, window)
    assert shown(window) == "The disk broke."
