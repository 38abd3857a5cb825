import pytest
from PySide6.QtWidgets import QMainWindow

from agents.events import RunFinished
from agents.story import Story
from app.window.status_bar import END_TEXTS, PHASE_TEXTS, STATE_TEXTS, StatusBar
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


@pytest.mark.parametrize(("phase", "text"), [*PHASE_TEXTS.items(), ("acting", "Learning…"), ("learning", "Learning…")])
def test_it_shows_the_phase_of_an_active_run(status, phase, text):
    status.show_state("running")
    status.show_phase(phase)
    assert status.state == text


@pytest.mark.parametrize("reason", END_TEXTS)
def test_a_stored_run_shows_the_reason_for_its_end(status, reason):
    story = Story()
    story.fold(RunFinished(step=5, reason=reason))
    for show in (lambda: status.show_state("stored"), lambda: status.show_scene(Scene(story=story, state="stored"))):
        show()
    assert status.state == END_TEXTS[reason]
    status.show_scene(Scene(state="idle"))
    status.show_state("idle")
    assert status.state == STATE_TEXTS["idle"]


@pytest.mark.parametrize("state", [state for state in STATE_TEXTS if state != "running"])
def test_the_last_phase_is_shown_only_while_running(status, state):
    status.show_phase("consolidating")
    status.show_state(state)
    assert status.state == STATE_TEXTS[state]


def test_the_state_field_has_a_constant_width(window, status):
    window.show()
    status.show_state("running")
    field, widths = status._fields["state"], set()
    for phase in (*PHASE_TEXTS, "acting"):
        status.show_phase(phase)
        widths.add(field.sizeHint().width())
    assert widths == {field.minimumWidth()}
