"""What can't be done with a finished run is greyed and says why."""

import pytest
from PySide6.QtCore import Qt

from agents.store.run_store import RunStore
from app.window.actions import ACTIONS
from app.window.disabled_actions import KEYS
from widgets.requests import MovePlayhead, OpenRun

AT_THE_END, BEFORE = None, 10


@pytest.fixture
def opened(qtbot, window, scripted, config):
    """Opens a stored run that ended so."""

    def open_run(reason):
        run = RunStore(window.session.run_library.root).create(config, "first")
        work = scripted(config, steps=40)
        list(run.record(event for event in work.events if reason == "done" or type(event).__name__ != "RunFinished"))
        window.session.obey(OpenRun(run.folder))
        qtbot.waitUntil(lambda: window.session.state == "stored", timeout=5_000)
        window.session.pacing.draw()
        return window

    return open_run


def barred(window):
    window.session.pacing.draw()
    actions = {key: window.commands[key] for key in KEYS}
    for key, action in actions.items():
        assert action.isEnabled() == action.toolTip().startswith(ACTIONS[key].tip)
    return {key for key, action in actions.items() if not action.isEnabled()}


@pytest.mark.parametrize(
    ("reason", "playhead", "found"),
    [
        ("done", AT_THE_END, {"go_on", "fork"}),
        ("done", 40, {"go_on", "fork"}),
        ("done", BEFORE, {"go_on"}),
        ("cut", AT_THE_END, set()),
        ("cut", BEFORE, set()),
    ],
)
def test_what_a_run_allows_follows_its_end_and_the_playhead(opened, reason, playhead, found):
    window = opened(reason)
    window.session.obey(MovePlayhead(playhead))
    assert barred(window) == found


def test_another_plan_lets_the_end_of_a_finished_run_be_forked(opened, config):
    window = opened("done")
    window.session.curriculum.insert(9, config.stages[0])
    assert barred(window) == {"go_on"}
    window.session.curriculum.undo()
    assert barred(window) == {"go_on", "fork"}
    window.session.reset()
    assert not window.commands["go_on"].isEnabled()
    assert "finished" not in window.commands["go_on"].toolTip()


@pytest.mark.parametrize(("key", "letter"), [("go_on", Qt.Key.Key_G), ("fork", Qt.Key.Key_B)])
def test_the_key_of_what_is_barred_says_why_in_every_language(qtbot, opened, key, letter):
    window = opened("done")
    for language in ("en", "zh_CN"):
        window.appearance.choose_language(language)
        window.session.pacing.draw()
        qtbot.keyClick(window, letter, Qt.KeyboardModifier.ControlModifier)
        assert window.notice_bar.text.text() == window.commands[key].toolTip()
    assert not window.session.is_live
