import faulthandler
import gc
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton

from app.diagnostics.crashes import KEPT, CrashTrace, Hooks

ROOT = Path(__file__).parents[3]


@pytest.fixture
def hooks(qtbot):
    made = Hooks()
    made.said = []
    made.raised.connect(made.said.append)
    yield made
    made.end()


def errors(caplog):
    return [record for record in caplog.records if record.name == "palimpsest" and record.levelno == logging.ERROR]


def fail():
    raise ValueError("this slot is broken")


def in_a_slot(qtbot):
    button = QPushButton()
    qtbot.addWidget(button)
    button.clicked.connect(fail)
    button.click()


def in_a_timer(qtbot):
    QTimer.singleShot(0, fail)
    qtbot.wait(50)


def in_a_thread(qtbot):
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.wait(50)


class Doomed:
    def __del__(self):
        fail()


def where_python_cannot_raise(qtbot):
    doomed = Doomed()
    del doomed
    gc.collect()


@pytest.mark.parametrize("happens", [in_a_slot, in_a_timer, in_a_thread, where_python_cannot_raise])
def test_an_error_nobody_caught_is_logged_once_and_told_in_a_line(qtbot, hooks, caplog, happens):
    happens(qtbot)
    (record,) = errors(caplog)
    assert "this slot is broken" in record.getMessage()
    assert record.exc_info[1].__traceback__.tb_next or record.exc_info[2]
    assert hooks.said == ["ValueError: this slot is broken"]


def test_what_fails_again_and_again_does_not_flood_the_log(qtbot, hooks, caplog):
    button = QPushButton()
    qtbot.addWidget(button)
    button.clicked.connect(fail)
    for _ in range(150):
        button.click()
    assert ["times by now" in record.getMessage() for record in errors(caplog)] == [False, True, True]


def test_hooks_are_given_back():
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    Hooks().end()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


CRASH = """
import sys, faulthandler
from pathlib import Path
from app.diagnostics.crashes import CrashTrace
trace = CrashTrace(Path(sys.argv[1]))
print(trace.begin())
if sys.argv[2] == "crash":
    faulthandler._sigsegv()
trace.end()
"""


def live(folder, how):
    command = [sys.executable, "-c", CRASH, str(folder), how]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_crash_leaves_a_trace_that_the_next_start_finds_once(tmp_path):
    crashed = live(tmp_path, "crash")
    assert (crashed.returncode != 0, crashed.stderr) == (True, "")  # nothing on the person's terminal
    found = Path(live(tmp_path, "end").stdout.strip())
    assert "most recent call first" in found.read_text()
    assert live(tmp_path, "end").stdout.strip() == "None"
    assert list(tmp_path.iterdir()) == [found]


def test_a_process_that_still_lives_is_left_alone(tmp_path):
    other = tmp_path / f"crash-{os.getppid()}.txt"
    other.write_text("being written")
    trace = CrashTrace(tmp_path)
    assert trace._collect() is None
    assert other.exists()


def test_only_the_newest_traces_are_kept(tmp_path):
    for number in range(KEPT + 3):
        (tmp_path / f"crashed-2026010{number}-120000.txt").write_text("old")
    CrashTrace(tmp_path)._collect()
    assert len(list(tmp_path.glob("crashed-*"))) == KEPT


def test_a_folder_that_cannot_be_written_does_not_keep_the_lab_from_opening(tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    was_enabled = faulthandler.is_enabled()
    trace = CrashTrace(tmp_path / "file")
    assert trace.begin() is None
    trace.end()
    assert "no trace would be left" in caplog.text
    assert faulthandler.is_enabled() == was_enabled
