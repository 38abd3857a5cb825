"""The lab in a real window, with a real mouse: Xvfb, xdotool, and nothing of the program but its face."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.commands import EditCurriculum
from agents.config import RunConfig
from agents.config_file import save
from agents.runs import RunStore
from envs.curriculum import Stage

ROOT = Path(__file__).parents[2]
TOOLS = ("Xvfb", "xdotool")
PATIENCE = 60.0

pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {' and '.join(TOOLS)}")

# It only tells where things are on the screen, as a person would see it; every deed comes from outside.
DRIVER = """
import json, pathlib, sys
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication
import app.application as application
from app.main_window import MainWindow
from widgets.task_rows import ROW_ROLE

class Watched(MainWindow):
    def __init__(self, *parts):
        super().__init__(*parts)
        self._told = pathlib.Path(sys.argv[1])
        self._telling = QTimer(self, interval=100)
        self._telling.timeout.connect(self.tell)
        self._telling.start()

    def tell(self):
        bin_, canvas = self.deck.panel("tasks").tasks, self.deck.panel("curriculum").canvas
        items, clips, menu = bin_.model(), {}, {}
        rows = [items.index(place, 0) for place in range(items.rowCount())]
        for block in canvas.layout_shown.main:
            clips[block.stage.id] = spot(canvas, canvas.layout_shown.rect(block).center().toPoint())
        popup = QApplication.activePopupWidget()
        for action in popup.actions() if popup else ():
            menu[action.text()] = spot(popup, popup.actionGeometry(action).center())
        told = {
            "state": self.session.state,
            "step": self.session.story.step if self.session.story else 0,
            "stages": [stage.task for stage in self.session.curriculum.stages],
            "rows": {i.data(ROW_ROLE).spec.key: spot(bin_.viewport(), bin_.visualRect(i).center())
                     for i in rows if i.data(ROW_ROLE)},
            "clips": clips,
            "track": spot(canvas, QPoint(canvas.width() - 60, canvas.height() // 3)),
            "menu": menu,
        }
        draft = self._told.with_suffix(".draft")
        draft.write_text(json.dumps(told))
        draft.replace(self._told)

def spot(widget, point):
    return widget.mapToGlobal(point).toTuple()

application.MainWindow = Watched
sys.exit(application.main(sys.argv[2:]))
"""


class Hands:
    """Moves the mouse, presses keys, and looks at the screen."""

    def __init__(self, display, told):
        self.display, self.told = display, told

    def act(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env={**os.environ, "DISPLAY": self.display}, check=True)

    def press(self, *keys):
        self.act("key", "--delay", 60, *keys)

    def point(self, place):
        self.act("mousemove", *place)
        time.sleep(0.15)

    def click(self, place, button=1):
        self.point(place)
        self.act("click", button)

    def drag(self, start, end):
        self.point(start)
        self.act("mousedown", 1)
        for share in (0.1, 0.3, 0.6, 0.9, 1.0):
            self.point([round(a + (b - a) * share) for a, b in zip(start, end, strict=True)])
        self.act("mouseup", 1)

    def see(self):
        return json.loads(self.told.read_text()) if self.told.exists() else None

    def wait_for(self, what):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            seen = self.see()
            if seen and what(seen):
                return seen
            time.sleep(0.1)
        raise AssertionError(f"waited in vain; the last thing seen was {self.see()}")


@pytest.fixture
def display():
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as said:
        number = said.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture
def curriculum(tmp_path):
    stages = (Stage(task="household/go-to", steps=200_000), Stage(task="mirror/go-to", steps=200_000))
    learning = {"worlds": 8, "rollout": 8}
    path = tmp_path / "houses.toml"
    save(path, RunConfig.model_validate({"name": "Houses", "stages": stages, "learning": learning}))
    return path


@pytest.fixture
def lab(display, curriculum, tmp_path):
    told, log = tmp_path / "told.json", (tmp_path / "log.txt").open("w")
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", DRIVER, told, curriculum, "--size", "1280x800", "--language", "en"]
    process = subprocess.Popen(list(map(str, words)), env=environment, stdout=log, stderr=log, cwd=tmp_path)
    hands = Hands(display, told)
    hands.process = process
    try:
        hands.wait_for(lambda seen: seen["clips"])
        hands.act("search", "--sync", "--name", "Palimpsest", "windowfocus")
        yield hands
    finally:
        process.kill()
        process.wait()
        log.close()


def test_a_stage_is_dragged_in_a_run_started_a_task_swapped_and_the_run_stopped(lab, tmp_path):
    seen = lab.see()
    lab.drag(seen["rows"]["household/open"], seen["track"])
    seen = lab.wait_for(lambda seen: len(seen["clips"]) == 3)
    assert seen["stages"] == ["household/go-to", "mirror/go-to", "household/open"]

    lab.press("space")
    seen = lab.wait_for(lambda seen: seen["state"] == "running" and seen["step"] > 0)

    lab.click(list(seen["clips"].values())[-1], button=3)
    seen = lab.wait_for(lambda seen: "Swap for" in seen["menu"])
    lab.click(seen["menu"]["Swap for"])
    seen = lab.wait_for(lambda seen: "Household" in seen["menu"])
    lab.click(seen["menu"]["Household"])
    seen = lab.wait_for(lambda seen: "Take" in seen["menu"])
    lab.click(seen["menu"]["Take"])
    lab.wait_for(lambda seen: seen["stages"][-1] == "household/take")

    lab.press("shift+space")
    lab.wait_for(lambda seen: seen["state"] == "stored")
    (run,) = RunStore(tmp_path / "runs")
    story = run.story()
    assert story.finished.reason == "stopped"
    (mark,) = [mark for mark in story.marks if isinstance(mark.command, EditCurriculum)]
    assert [stage.task for stage in mark.command.stages][-1] == "household/take"
