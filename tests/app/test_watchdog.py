import linecache
import logging
import sys
import threading
import time

import pytest
from PySide6.QtCore import QThread, QTimer

from app import watchdog
from app.watchdog import BEAT, Watchdog, stack
from widgets.number_words import __file__ as our_file

STALL = 0.4


@pytest.fixture
def dog(qtbot):
    made = Watchdog()
    made.begin()
    qtbot.wait(250)
    yield made
    made.end()


def stalls(caplog):
    return [record for record in caplog.records if record.name == "palimpsest.stalls"]


def keep_busy(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(500))


def ours(text):
    """Compile code as if it stood in a file of the lab."""
    space = {"keep_busy": keep_busy, "QThread": QThread, "time": time}
    exec(compile(text, our_file, "exec"), space)
    return space["slow"]


@pytest.mark.parametrize("body", ["keep_busy(0.4)", "time.sleep(0.4)", "QThread.msleep(400)"])
def test_a_stall_is_logged_with_the_code_that_caused_it(qtbot, caplog, dog, body):
    caplog.set_level(logging.INFO)
    QTimer.singleShot(0, ours(f"def slow():\n    {body}"))
    qtbot.waitUntil(lambda: bool(stalls(caplog)), timeout=5_000)
    said = stalls(caplog)[0].getMessage()
    assert "widgets/number_words.py:2 slow" in said
    assert int(said.split(" for ")[1].split()[0]) >= (STALL - BEAT / 2) * 1000 - 20


def test_who_holds_pythons_lock_is_seen(qtbot, caplog, dog):
    caplog.set_level(logging.INFO)
    slow = ours("def slow():\n    for _ in range(3):\n        sum(range(30_000_000))")  # sum never gives the lock away
    thread = threading.Thread(target=slow, name="hog")
    thread.start()
    qtbot.waitUntil(lambda: bool(stalls(caplog)), timeout=20_000)
    thread.join()
    said = stalls(caplog)[0].getMessage()
    assert "hog:\n  widgets/number_words.py:3 slow" in said
    assert "Python's lock was not to be had" in said


def test_a_window_that_keeps_moving_is_not_logged(qtbot, caplog, dog):
    caplog.set_level(logging.INFO)
    qtbot.wait(1_000)
    slow = ours("def slow():\n    keep_busy(0.001)")
    often = QTimer(interval=10)
    often.timeout.connect(slow)
    often.start()
    qtbot.wait(500)
    often.stop()
    assert "slow" not in " ".join(record.getMessage() for record in stalls(caplog))


def test_a_dialog_of_the_desktop_is_no_stall(qtbot, caplog, dog, monkeypatch):
    caplog.set_level(logging.INFO)
    line = linecache.getline(our_file, 3).strip()
    monkeypatch.setattr(watchdog, "NATIVE", (line,))
    QTimer.singleShot(0, ours("def slow():\n    pass\n    time.sleep(0.5)"))
    qtbot.wait(900)
    assert not stalls(caplog)


def test_stalls_one_after_another_are_counted(qtbot, caplog):
    caplog.set_level(logging.INFO)
    dog = Watchdog()
    for _ in range(3):
        dog._tell(watchdog.Stall(200))
    dog._told = 0.0
    dog._tell(watchdog.Stall(300))
    assert [record.getMessage().strip() for record in stalls(caplog)] == [
        "The window stood still for 200 ms",
        "The window stood still for 300 ms (2 more shortly before)",
    ]


def test_it_can_be_left_out(qtbot, monkeypatch):
    monkeypatch.setenv("PALIMPSEST_WATCHDOG", "0")
    dog = Watchdog()
    dog.begin()
    assert "sentry" not in {thread.name for thread in threading.enumerate()}


def test_a_stack_leaves_out_others_code_except_the_innermost():
    frame = ours(
        "def slow():\n    import sys, json\n    return json.loads('0', parse_int=lambda _: sys._getframe(1))"
    )()
    lines = stack("window", frame).splitlines()
    assert lines[0] == "window:"
    assert "widgets/number_words.py:3 slow" in lines[-2]
    assert "json/" in lines[-1]
    assert stack("idle", sys._getframe()) == ""
