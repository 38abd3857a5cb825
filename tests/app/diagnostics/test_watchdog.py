import linecache
import logging
import threading
import time

import pytest
from PySide6.QtCore import QThread, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from app.diagnostics import watchdog
from app.diagnostics.watchdog import BEAT, Call, Watchdog, _who, all_stacks
from widgets.style.numbers import __file__ as our_file

STALL = 0.4


@pytest.fixture
def dog(qtbot, monkeypatch):
    monkeypatch.setattr(watchdog, "QUIET", 0.0)
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


def telling(caplog, what):
    """The stalls in which this was seen; a busy machine may stall, too."""
    return [record.getMessage() for record in stalls(caplog) if what in record.getMessage()]


@pytest.mark.parametrize("body", ["keep_busy(0.4)", "time.sleep(0.4)", "QThread.msleep(400)"])
def test_a_stall_is_logged_with_the_code_that_caused_it(qtbot, caplog, dog, body):
    caplog.set_level(logging.INFO)
    again = QTimer(interval=300)
    again.timeout.connect(ours(f"def slow():\n    {body}"))
    again.start()
    qtbot.waitUntil(lambda: bool(telling(caplog, "widgets/style/numbers.py:2 slow")), timeout=30_000)
    again.stop()
    said = telling(caplog, "widgets/style/numbers.py:2 slow")[0]
    assert int(said.split(" for ")[1].split()[0]) >= (STALL - BEAT / 2) * 1000 - 20


def test_who_holds_pythons_lock_is_seen(qtbot, caplog, dog):
    caplog.set_level(logging.INFO)
    over = threading.Event()
    # sum never gives the lock away
    slow = ours("def slow(over):\n    while not over.is_set():\n        sum(range(10_000_000))")
    thread = threading.Thread(target=slow, args=(over,), name="hog")
    thread.start()
    try:
        qtbot.waitUntil(lambda: bool(telling(caplog, "hog:\n  widgets/style/numbers.py:")), timeout=60_000)
    finally:
        over.set()
        thread.join()


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
    assert not telling(caplog, "number_words.py:3 slow")


def test_stalls_one_after_another_are_counted(qtbot, caplog):
    """Within `QUIET`: the log is not to be flooded."""
    caplog.set_level(logging.INFO)
    dog = Watchdog()
    for _ in range(3):
        dog._tell(watchdog.WindowStall(200))
    dog._told = 0.0
    dog._tell(watchdog.WindowStall(300))
    assert [record.getMessage().strip() for record in stalls(caplog)] == [
        "The window stood still for 200 ms",
        "The window stood still for 300 ms (2 more shortly before)",
    ]


def test_it_can_be_left_out(qtbot, monkeypatch):
    monkeypatch.setenv("PALIMPSEST_WATCHDOG", "0")
    dog = Watchdog()
    dog.begin()
    assert "sentry" not in {thread.name for thread in threading.enumerate()}


def test_others_code_is_left_out_except_the_innermost():
    ours_, others = Call(our_file, 3, "slow"), Call(threading.__file__, 1, "wait")
    (said,) = _who([("window", [others, ours_, others, others]), ("idle", [others])])
    told = said.splitlines()
    assert told[0] == "window:"
    assert [line.split(":")[0] for line in told[1:]] == ["  widgets/style/numbers.py", "  python3.11/threading.py"]


def test_every_thread_is_seen_where_it_is():
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    stacks = all_stacks()
    over.set()
    thread.join()
    assert stacks[threading.get_ident()][-1].function == "all_stacks"
    assert [call.function for call in stacks[thread.ident]][-2:] == ["wait", "wait"]


class Painted(QWidget):
    """Paints slowly, so that it is looked at while it does."""

    def paintEvent(self, event):  # noqa: N802
        painter = QPainter(self)
        until = time.monotonic() + 0.002
        while time.monotonic() < until:
            painter.drawText(10, 10, "now")


def test_who_is_looked_at_lets_go_of_what_it_held(qtbot, qtlog):
    """A painter that outlives its paintEvent is told by Qt, and then crashes it."""
    over = threading.Event()

    def look():
        while not over.wait(0.001):
            all_stacks()

    widget = Painted()
    qtbot.addWidget(widget)
    widget.show()
    thread = threading.Thread(target=look)
    thread.start()
    for _ in range(200):
        widget.repaint()
    over.set()
    thread.join()
    assert not [record.message for record in qtlog.records if "painter" in record.message]
