from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt, QThread, QTimer
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from app.benchmarks.frame_times import FrameTimer

LATER = 120
"""Milliseconds after the press."""


@pytest.fixture
def window(qtbot):
    opened = QWidget()
    opened.docks = SimpleNamespace(is_drawn=True)
    opened.label = QLabel("not pressed", opened)
    qtbot.addWidget(opened)
    opened.resize(200, 100)
    opened.show()
    qtbot.waitExposed(opened)
    qtbot.wait(50)
    return opened


def test_at_rest_the_last_frame_counts_even_if_it_is_late(window):
    later = QTimer(window, singleShot=True, interval=LATER, timerType=Qt.TimerType.PreciseTimer)
    later.timeout.connect(lambda: window.label.setText("later"))
    at_once = FrameTimer(window, is_live=False).milliseconds_of(lambda: window.label.setText("pressed"))
    late = FrameTimer(window, is_live=False).milliseconds_of(later.start)
    assert at_once < late
    assert late >= LATER


def test_time_that_blocks_the_thread_counts(window):
    assert FrameTimer(window, is_live=False).milliseconds_of(lambda: QThread.msleep(LATER)) >= LATER


def test_in_a_run_the_first_frame_after_the_press_counts(window):
    frames = QTimer(window, interval=10)
    frames.timeout.connect(window.update)
    frames.start()
    assert FrameTimer(window, is_live=True).milliseconds_of(lambda: QThread.msleep(LATER)) >= LATER


@pytest.mark.parametrize("is_live", [False, True])
def test_a_dialog_that_a_press_opens_is_timed_and_closed(window, is_live):
    dialog = QDialog(window)
    assert FrameTimer(window, is_live=is_live).milliseconds_of(dialog.exec) > 0
    assert not dialog.isVisible()


def test_a_press_that_raises_is_complete_too(window, qtbot):
    def fail():
        raise ValueError("the press failed")

    with qtbot.captureExceptions() as raised:
        assert FrameTimer(window, is_live=False).milliseconds_of(fail) >= 0
    assert [str(error) for _, error, _ in raised] == ["the press failed"]
