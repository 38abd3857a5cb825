from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt, QThread, QTimer
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from app.benchmarks.frame_times import FrameTimer

LATER = 120
"""Milliseconds after the press."""


@pytest.fixture
def window(qtbot):
    made = QWidget()
    made.docks = SimpleNamespace(is_drawn=True)
    made.label = QLabel("not pressed", made)
    qtbot.addWidget(made)
    made.resize(200, 100)
    made.show()
    qtbot.waitExposed(made)
    qtbot.wait(50)
    return made


def test_at_rest_the_last_frame_counts_however_late_it_comes(window):
    later = QTimer(window, singleShot=True, interval=LATER, timerType=Qt.TimerType.PreciseTimer)
    later.timeout.connect(lambda: window.label.setText("later"))
    at_once = FrameTimer(window, is_live=False).after(lambda: window.label.setText("pressed"))
    late = FrameTimer(window, is_live=False).after(later.start)
    assert at_once < late
    assert late >= LATER


def test_what_keeps_the_thread_busy_counts(window):
    assert FrameTimer(window, is_live=False).after(lambda: QThread.msleep(LATER)) >= LATER


def test_in_a_run_the_first_frame_after_the_answer_counts(window):
    frames = QTimer(window, interval=10)
    frames.timeout.connect(window.update)
    frames.start()
    assert FrameTimer(window, is_live=True).after(lambda: QThread.msleep(LATER)) >= LATER


@pytest.mark.parametrize("is_live", [False, True])
def test_a_dialog_that_a_press_opens_is_timed_and_closed(window, is_live):
    dialog = QDialog(window)
    assert FrameTimer(window, is_live=is_live).after(dialog.exec) > 0
    assert not dialog.isVisible()


def test_a_press_that_fails_is_over_too(window, qtbot):
    def fail():
        raise ValueError("pressed in vain")

    with qtbot.captureExceptions() as raised:
        assert FrameTimer(window, is_live=False).after(fail) >= 0
    assert [str(error) for _, error, _ in raised] == ["pressed in vain"]
