import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
from PySide6.QtCore import QTimer
from app.process import application
from app.window import connections
from app.window.main_window import MainWindow

class Broken(MainWindow):
    def __init__(self, *parts):
        super().__init__(*parts)
        self.painted.connect(self.fail)
        QTimer.singleShot(1500, self.look)

    def fail(self):
        raise ValueError("this slot is broken")

    def look(self):
        print(self.isVisible(), self.notice_bar.text.text(), sep="|", flush=True)
        self.close()

connections.MainWindow = Broken
sys.exit(application.main(["--runs", sys.argv[1], "--language", "en"]))
"""


@pytest.fixture
def run_window(tmp_path):
    """Opens the window with a slot that fails, and returns its visibility, its notice and the log file."""

    def call():
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / "runs")]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ}, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        (log,) = (tmp_path / "state").rglob("palimpsest.log")
        return done.stdout.strip().split("|"), log

    return call


def test_a_slot_that_fails_is_shown_and_logged_and_the_window_stays_open(run_window):
    (visible, notice), log = run_window()
    assert visible == "True"
    assert "ValueError: this slot is broken. The lab keeps running." in notice
    assert log.read_text().count("Traceback") == 1
    assert not list(log.parent.glob("crash-*"))  # it ended regularly

    (log.parent / "crash-1.txt").touch()  # process 1 is running, so its trace is not collected
    (log.parent / "crash-999999999.txt").write_text("Fatal Python error: Segmentation fault")
    run_window()
    assert "The lab ended abnormally last time" in log.read_text()
    assert [path.read_text() for path in log.parent.glob("crashed-*")] == ["Fatal Python error: Segmentation fault"]
