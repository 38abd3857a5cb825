import linecache
import logging
import threading
import time

import pytest
from PySide6.QtCore import QThread, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from app.diagnostics import watchdog
from app.diagnostics.watchdog import BEAT_INTERVAL, Call, Watchdog, _format_stacks, all_stacks
from widgets.style.numbers import __file__ as project_file

STALL = 0.4


@pytest.fixture
def stall_watchdog(qtbot, monkeypatch):
    monkeypatch.setattr(watchdog, "MIN_LOG_INTERVAL", 0.0)
    instance = Watchdog()
    instance.begin()
    qtbot.wait(250)
    yield instance
    instance.end()


def stalls(caplog):
    return [record for record in caplog.records if record.name == "palimpsest.stalls"]


def keep_busy(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(500))


def compile_in_project(text):
    """Compile code as if it were in a file of the project."""
    namespace = {"keep_busy": keep_busy, "QThread": QThread, "time": time}
    exec(compile(text, project_file, "exec"), namespace)
    return namespace["slow"]


def messages_with(caplog, text):
    """The logged stalls whose stacks contain `text`; a busy machine may stall, too."""
    return [record.getMessage() for record in stalls(caplog) if text in record.getMessage()]


@pytest.mark.parametrize("body", ["keep_busy(0.4)", "time.sleep(0.4)", "QThread.msleep(400)"])
def test_a_stall_is_logged_with_the_code_that_caused_it(qtbot, caplog, stall_watchdog, body):
    caplog.set_level(logging.INFO)
    timer = QTimer(interval=300)
    timer.timeout.connect(compile_in_project(f"def slow():\n    {body}"))
    timer.start()
    qtbot.waitUntil(lambda: bool(messages_with(caplog, "widgets/style/numbers.py:2 slow")), timeout=30_000)
    timer.stop()
    message = messages_with(caplog, "widgets/style/numbers.py:2 slow")[0]
    assert int(message.split(" for ")[1].split()[0]) >= (STALL - BEAT_INTERVAL / 2) * 1000 - 20


def test_the_thread_that_holds_the_gil_is_logged(qtbot, caplog, stall_watchdog):
    caplog.set_level(logging.INFO)
    stop = threading.Event()
    # sum does not release the GIL
    slow = compile_in_project("def slow(over):\n    while not over.is_set():\n        sum(range(10_000_000))")
    thread = threading.Thread(target=slow, args=(stop,), name="hog")
    thread.start()
    try:
        qtbot.waitUntil(lambda: bool(messages_with(caplog, "hog:\n  widgets/style/numbers.py:")), timeout=60_000)
    finally:
        stop.set()
        thread.join()


def test_a_responsive_window_is_not_logged(qtbot, caplog, stall_watchdog):
    caplog.set_level(logging.INFO)
    qtbot.wait(1_000)
    slow = compile_in_project("def slow():\n    keep_busy(0.001)")
    timer = QTimer(interval=10)
    timer.timeout.connect(slow)
    timer.start()
    qtbot.wait(500)
    timer.stop()
    assert "slow" not in " ".join(record.getMessage() for record in stalls(caplog))


def test_a_native_dialog_is_no_stall(qtbot, caplog, stall_watchdog, monkeypatch):
    caplog.set_level(logging.INFO)
    line = linecache.getline(project_file, 3).strip()
    monkeypatch.setattr(watchdog, "NATIVE_CALLS", (line,))
    QTimer.singleShot(0, compile_in_project("def slow():\n    pass\n    time.sleep(0.5)"))
    qtbot.wait(900)
    assert not messages_with(caplog, "number_words.py:3 slow")


def test_stalls_within_the_log_interval_are_only_counted(qtbot, caplog):
    """So that the log is not flooded."""
    caplog.set_level(logging.INFO)
    stall_watchdog = Watchdog()
    for _ in range(3):
        stall_watchdog._log_stall(watchdog.WindowStall(200))
    stall_watchdog._last_logged = 0.0
    stall_watchdog._log_stall(watchdog.WindowStall(300))
    assert [record.getMessage().strip() for record in stalls(caplog)] == [
        "The window did not respond for 200 ms",
        "The window did not respond for 300 ms (2 more shortly before)",
    ]


def test_it_can_be_disabled(qtbot, monkeypatch):
    monkeypatch.setenv("PALIMPSEST_WATCHDOG", "0")
    stall_watchdog = Watchdog()
    stall_watchdog.begin()
    assert "watchdog" not in {thread.name for thread in threading.enumerate()}


def test_calls_of_other_packages_are_left_out_except_the_innermost():
    our_call, other_call = Call(project_file, 3, "slow"), Call(threading.__file__, 1, "wait")
    (message,) = _format_stacks([("window", [other_call, our_call, other_call, other_call]), ("idle", [other_call])])
    lines = message.splitlines()
    assert lines[0] == "window:"
    assert [line.split(":")[0] for line in lines[1:]] == ["  widgets/style/numbers.py", "  python3.11/threading.py"]


def test_the_stack_of_every_thread_is_read():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    stacks = all_stacks()
    stop.set()
    thread.join()
    assert stacks[threading.get_ident()][-1].function == "all_stacks"
    assert [call.function for call in stacks[thread.ident]][-2:] == ["wait", "wait"]


class SlowPainter(QWidget):
    """Paints slowly, so that its stack is read meanwhile."""

    def paintEvent(self, event):  # noqa: N802
        painter = QPainter(self)
        until = time.monotonic() + 0.002
        while time.monotonic() < until:
            painter.drawText(10, 10, "now")


def test_reading_stacks_keeps_no_variables_alive(qtbot, qtlog):
    """Qt warns about a painter that outlives its paintEvent, and then crashes."""
    stop = threading.Event()

    def take_stacks():
        while not stop.wait(0.001):
            all_stacks()

    widget = SlowPainter()
    qtbot.addWidget(widget)
    widget.show()
    thread = threading.Thread(target=take_stacks)
    thread.start()
    for _ in range(200):
        widget.repaint()
    stop.set()
    thread.join()
    assert not [record.message for record in qtlog.records if "painter" in record.message]
