"""Actions that a finished run does not allow are disabled, with the reason."""

import pytest
from PySide6.QtCore import Qt

from agents.store.run_store import RunStore
from app.window.actions import ACTIONS
from app.window.disabled_actions import KEYS
from widgets.requests import MovePlayhead, OpenRun

AT_THE_END, BEFORE = None, 10


@pytest.fixture
def open_with_reason(qtbot, window, scripted, config):
    """Opens a stored run that ended for this reason."""

    def open_run(reason):
        run = RunStore(window.session.run_library.root).create(config, "first")
        work = scripted(config, steps=40)
        list(run.record(event for event in work.events if reason == "done" or type(event).__name__ != "RunFinished"))
        window.session.execute(OpenRun(run.folder))
        qtbot.waitUntil(lambda: window.session.state == "stored", timeout=5_000)
        window.session.redraw_timer.draw()
        return window

    return open_run


def disabled_keys(window):
    window.session.redraw_timer.draw()
    actions = {key: window.commands[key] for key in KEYS}
    for key, action in actions.items():
        assert action.isEnabled() == action.toolTip().startswith(ACTIONS[key].tip)
    return {key for key, action in actions.items() if not action.isEnabled()}


@pytest.mark.parametrize(
    ("reason", "playhead", "expected"),
    [
        ("done", AT_THE_END, {"resume", "fork"}),
        ("done", 40, {"resume", "fork"}),
        ("done", BEFORE, {"resume"}),
        ("cut", AT_THE_END, set()),
        ("cut", BEFORE, set()),
    ],
)
def test_disabled_actions_depend_on_the_runs_end_and_the_playhead(open_with_reason, reason, playhead, expected):
    window = open_with_reason(reason)
    window.session.execute(MovePlayhead(playhead))
    assert disabled_keys(window) == expected


def test_another_plan_lets_the_end_of_a_finished_run_be_forked(open_with_reason, config):
    window = open_with_reason("done")
    window.session.curriculum.insert(9, config.stages[0])
    assert disabled_keys(window) == {"resume"}
    window.session.curriculum.undo()
    assert disabled_keys(window) == {"resume", "fork"}
    window.session.reset()
    assert not window.commands["resume"].isEnabled()
    assert "finished" not in window.commands["resume"].toolTip()


@pytest.mark.parametrize(("key", "letter"), [("resume", Qt.Key.Key_G), ("fork", Qt.Key.Key_B)])
def test_the_shortcut_of_a_disabled_action_shows_the_reason_in_every_language(qtbot, open_with_reason, key, letter):
    window = open_with_reason("done")
    for language in ("en", "zh_CN"):
        window.appearance.choose_language(language)
        window.session.redraw_timer.draw()
        qtbot.keyClick(window, letter, Qt.KeyboardModifier.ControlModifier)
        assert window.notice_bar.text.text() == window.commands[key].toolTip()
    assert not window.session.is_live
