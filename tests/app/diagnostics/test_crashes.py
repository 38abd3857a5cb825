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

from app.diagnostics.crashes import MAX_TRACES, CrashTrace, ExceptionHooks

ROOT = Path(__file__).parents[3]


@pytest.fixture
def hooks(qtbot):
    instance = ExceptionHooks()
    instance.emitted = []
    instance.raised.connect(instance.emitted.append)
    yield instance
    instance.end()


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


class FailsWhenDeleted:
    def __del__(self):
        fail()


def where_python_cannot_raise(qtbot):
    instance = FailsWhenDeleted()
    del instance
    gc.collect()


@pytest.mark.parametrize("cause_error", [in_a_slot, in_a_timer, in_a_thread, where_python_cannot_raise])
def test_an_uncaught_exception_is_logged_once_and_emitted_in_one_line(qtbot, hooks, caplog, cause_error):
    cause_error(qtbot)
    (record,) = errors(caplog)
    assert "this slot is broken" in record.getMessage()
    assert record.exc_info[1].__traceback__.tb_next or record.exc_info[2]
    assert hooks.emitted == ["ValueError: this slot is broken"]


def test_a_repeated_exception_does_not_flood_the_log(qtbot, hooks, caplog):
    button = QPushButton()
    qtbot.addWidget(button)
    button.clicked.connect(fail)
    for _ in range(150):
        button.click()
    assert ["times so far" in record.getMessage() for record in errors(caplog)] == [False, True, True]


def test_hooks_are_restored():
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    ExceptionHooks().end()
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


def run_process(folder, ending):
    command = [sys.executable, "-c", CRASH, str(folder), ending]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_crash_leaves_a_trace_that_the_next_start_finds_once(tmp_path):
    crashed = run_process(tmp_path, "crash")
    assert (crashed.returncode != 0, crashed.stderr) == (True, "")  # nothing on the user's terminal
    found = Path(run_process(tmp_path, "end").stdout.strip())
    assert "most recent call first" in found.read_text()
    assert run_process(tmp_path, "end").stdout.strip() == "None"
    assert list(tmp_path.iterdir()) == [found]


def test_the_trace_of_a_running_process_is_not_collected(tmp_path):
    other = tmp_path / f"crash-{os.getppid()}.txt"
    other.write_text("being written")
    trace = CrashTrace(tmp_path)
    assert trace._collect_traces() is None
    assert other.exists()


def test_old_traces_are_deleted(tmp_path):
    for number in range(MAX_TRACES + 3):
        (tmp_path / f"crashed-2026010{number}-120000.txt").write_text("old")
    CrashTrace(tmp_path)._collect_traces()
    assert len(list(tmp_path.glob("crashed-*"))) == MAX_TRACES


def test_a_folder_that_cannot_be_written_is_only_a_warning(tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    was_enabled = faulthandler.is_enabled()
    trace = CrashTrace(tmp_path / "file")
    assert trace.begin() is None
    trace.end()
    assert "a crash would leave no trace" in caplog.text
    assert faulthandler.is_enabled() == was_enabled
