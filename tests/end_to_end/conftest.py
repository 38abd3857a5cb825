"""A screen of its own, with a window manager, and hands that can only do what a person's can."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.config import RunConfig
from agents.config.config_file import save
from envs.curriculum import Stage

ROOT = Path(__file__).parents[2]
TOOLS = ("Xvfb", "openbox", "xdotool")
PATIENCE = 60.0


class Hands:
    """Moves the mouse, presses keys and looks at the screen."""

    def __init__(self, display, told):
        self.display, self.told = display, told

    def act(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env={**os.environ, "DISPLAY": self.display}, check=True)

    def press(self, keys):
        self.act("key", keys)

    def point(self, place):
        self.act("mousemove", *place)
        time.sleep(0.1)

    def click(self, place, button=1):
        self.point(place)
        self.act("click", button)

    def drag(self, start, end):
        self.point(start)
        self.act("mousedown", 1)
        for share in (0.1, 0.3, 0.6, 0.9, 1.0):
            self.point([round(a + (b - a) * share) for a, b in zip(start, end, strict=True)])
        self.act("mouseup", 1)

    def choose(self, *texts):
        """Walk down a menu that is open."""
        for text in texts:
            self.click(self.wait_for(lambda seen, text=text: text in seen["menu"])["menu"][text])

    def answer(self, text):
        """Press a button of the question that is asked."""
        self.click(self.wait_for(lambda seen: text in seen["question"])["question"][text])

    def see(self):
        return json.loads(self.told.read_text()) if self.told.exists() else None

    def wait_for(self, what):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            seen = self.see()
            if seen and what(seen):
                return seen
            time.sleep(0.05)
        raise AssertionError(f"waited in vain; the last thing seen was {self.see()}")

    def wait_for_rest(self):
        """Wait until the window manager has put the window in its place."""
        places, seen = None, self.wait_for(lambda seen: seen["clips"] and seen["has the keyboard"])
        while seen["tasks"] != places:
            places = seen["tasks"]
            time.sleep(1.0)
            seen = self.see()


@pytest.fixture
def display():
    """The name of a screen with a window manager."""
    if lacking := [tool for tool in TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"needs {', '.join(lacking)}")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as said:
        name = f":{said.readline().strip()}"
    manager = subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": name}, stderr=subprocess.DEVNULL)
    yield name
    for process in (manager, server):
        process.terminate()
        process.wait()


@pytest.fixture
def houses(tmp_path):
    """A curriculum of two stages that no run comes to the end of."""
    stages = (Stage(task="household/go-to", steps=500_000), Stage(task="mirror/go-to", steps=500_000))
    small = {"learning": {"n_envs": 8, "n_steps": 8}, "evaluation": {"n_eval_episodes": 4}}
    path = tmp_path / "houses.toml"
    save(path, RunConfig.model_validate({"name": "Houses", "stages": stages, **small}))
    return path


@pytest.fixture
def lab(display, houses, tmp_path):
    """The lab with its window open, and hands to use it with; `process` is the program."""
    told, log = tmp_path / "told.json", (tmp_path / "log.txt").open("w")
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)}
    script = Path(__file__).with_name("spectator.py")
    words = [sys.executable, script, told, houses, "--size", "1240x760", "--language", "en"]
    process = subprocess.Popen(list(map(str, words)), env=environment, stdout=log, stderr=log, cwd=tmp_path)
    hands = Hands(display, told)
    hands.process = process
    try:
        hands.wait_for_rest()
        yield hands
    finally:
        process.kill()
        process.wait()
        log.close()
        said = (tmp_path / "log.txt").read_text()
    assert "Traceback" not in said, said
