"""A notice disappears once its cause is over; other notices stay until they are closed."""

import pytest

from agents.config.config_file import curricula
from agents.store.run_store import RunStore
from app.session.resume import resume_run
from envs.curriculum import Stage
from widgets.requests import OpenRun


def run(qtbot, window):
    window.session.play_or_pause()
    qtbot.waitUntil(lambda: window.session.state == "running", timeout=5_000)


def open_finished_run(qtbot, window, scripted, config, name="first"):
    """Open a finished run."""
    stored = RunStore(window.session.run_library.root).create(config, name)
    list(stored.record(scripted(config, steps=20).events))
    window.session.execute(OpenRun(stored.folder))
    qtbot.waitUntil(lambda: window.session.name == name and window.session.state == "stored", timeout=5_000)


def shown(window):
    return window.notice_bar.text.text() if window.notice_bar.isVisible() else ""


CHANGES = {
    "another run": lambda qtbot, window, scripted, config: open_finished_run(qtbot, window, scripted, config, "second"),
    "reset": lambda qtbot, window, scripted, config: window.session.reset(),
    "another curriculum": lambda qtbot, window, scripted, config: window.session.load(config),
    "a new run": lambda qtbot, window, scripted, config: run(qtbot, window),
}


@pytest.mark.parametrize("key", CHANGES)
def test_a_notice_about_a_finished_run_disappears_once_another_is_displayed(qtbot, window, scripted, config, key):
    open_finished_run(qtbot, window, scripted, config)
    resume_run(window.session, None)
    assert "finished" in shown(window)
    CHANGES[key](qtbot, window, scripted, config)
    assert "finished" not in shown(window)


def undo_a_seed(window):
    window.session.curriculum.undo()


def resume_another(window):
    resume_run(window.session, window.session.run_library.root / "another")


def open_a_curriculum(window):
    window.documents.open_path(next(iter(curricula().values())))


@pytest.mark.parametrize("act", [undo_a_seed, resume_another, open_a_curriculum])
def test_a_notice_about_an_active_run_disappears_once_it_ends(qtbot, window, act):
    session = window.session
    session.reconfigure(session.config.changed({"seed": 3}), {"seed": 3})
    session.curriculum.mark_saved()
    run(qtbot, window)
    act(window)
    assert "A run is " in shown(window)
    session.stop()
    qtbot.waitUntil(lambda: session.state == "stored", timeout=5_000)
    assert "A run is " not in shown(window)


def add_a_clip(session):
    session.curriculum.insert(0, Stage(task="household/go-to", steps=100))


def change_a_setting(session):
    session.reconfigure(session.config.changed({"seed": 3}), {"seed": 3})


@pytest.mark.parametrize("edit", [add_a_clip, change_a_setting])
def test_a_notice_about_the_plan_disappears_once_the_plan_changes(window, edit):
    for stage in window.session.curriculum.stages:
        window.session.curriculum.remove(stage.id)
    window.session.play_or_pause()
    assert "empty" in shown(window)
    edit(window.session)
    assert not shown(window)


def test_a_notice_without_a_cause_stays(qtbot, window):
    window.session.notice("The disk broke.", is_problem=True)
    change_a_setting(window.session)
    run(qtbot, window)
    assert shown(window) == "The disk broke."
