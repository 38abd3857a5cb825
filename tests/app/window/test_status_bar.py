import pytest
from PySide6.QtWidgets import QMainWindow

from agents.events import RunFinished
from agents.story import Story
from app.window.status_bar import ENDS, PHASES, STATES, StatusBar
from widgets.scene import Scene


@pytest.fixture
def window(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def status(window):
    status = StatusBar(window)
    window.setStatusBar(status)
    return status


@pytest.mark.parametrize(("phase", "words"), [*PHASES.items(), ("acting", "Learning…"), ("learning", "Learning…")])
def test_it_says_what_a_run_that_goes_on_is_doing(status, phase, words):
    status.show_state("running")
    status.show_phase(phase)
    assert status.state == words


@pytest.mark.parametrize("reason", ENDS)
def test_a_run_that_is_over_is_called_by_its_end_at_once(status, reason):
    story = Story()
    story.fold(RunFinished(step=5, reason=reason))
    for show in (lambda: status.show_state("stored"), lambda: status.show_scene(Scene(story=story, state="stored"))):
        show()
    assert status.state == ENDS[reason]
    status.show_scene(Scene(state="idle"))
    status.show_state("idle")
    assert status.state == STATES["idle"]


@pytest.mark.parametrize("state", [state for state in STATES if state != "running"])
def test_what_was_done_last_is_not_said_of_a_run_that_waits(status, state):
    status.show_phase("consolidating")
    status.show_state(state)
    assert status.state == STATES[state]


def test_the_other_fields_stand_still_whatever_it_says(window, status):
    window.show()
    status.show_state("running")
    field, widths = status._fields["state"], set()
    for phase in (*PHASES, "acting"):
        status.show_phase(phase)
        widths.add(field.sizeHint().width())
    assert widths == {field.minimumWidth()}
