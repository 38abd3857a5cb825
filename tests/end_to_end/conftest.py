"""An X server with a window manager, and a user who is simulated with mouse and keyboard only."""

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
TIMEOUT = 60.0


class Hands:
    """Moves the mouse, presses keys, and reads what the window shows."""

    def __init__(self, display, state_file):
        self.display, self.state_file = display, state_file

    def act(self, *arguments):
        subprocess.run(["xdotool", *map(str, arguments)], env={**os.environ, "DISPLAY": self.display}, check=True)

    def press(self, keys):
        self.act("key", keys)

    def point(self, position):
        self.act("mousemove", *position)
        time.sleep(0.1)

    def click(self, position, button=1):
        self.point(position)
        self.act("click", button)

    def drag(self, start, end):
        self.point(start)
        self.act("mousedown", 1)
        for share in (0.1, 0.3, 0.6, 0.9, 1.0):
            self.point([round(a + (b - a) * share) for a, b in zip(start, end, strict=True)])
        self.act("mouseup", 1)

    def choose(self, *texts):
        """Choose an entry of an open menu, by the texts on its path."""
        for text in texts:
            self.click(self.wait_for(lambda seen, text=text: text in seen["menu"])["menu"][text])

    def answer(self, text):
        """Press a button of the open dialog."""
        self.click(self.wait_for(lambda seen: text in seen["question"])["question"][text])

    def see(self):
        return json.loads(self.state_file.read_text()) if self.state_file.exists() else None

    def wait_for(self, condition):
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until:
            seen = self.see()
            if seen and condition(seen):
                return seen
            time.sleep(0.05)
        raise AssertionError(f"not fulfilled within {TIMEOUT} s; the last state is {self.see()}")

    def wait_for_rest(self):
        """Wait until the window manager has placed the window."""
        positions, seen = None, self.wait_for(lambda seen: seen["clips"] and seen["has the keyboard"])
        while seen["tasks"] != positions:
            positions = seen["tasks"]
            time.sleep(1.0)
            seen = self.see()


@pytest.fixture
def display():
    """The name of a display with a window manager."""
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"needs {', '.join(missing)}")
    read_fd, write_fd = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_fd), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write_fd], stderr=subprocess.DEVNULL)
    os.close(write_fd)
    with os.fdopen(read_fd) as log_file:
        name = f":{log_file.readline().strip()}"
    manager = subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": name}, stderr=subprocess.DEVNULL)
    yield name
    for process in (manager, server):
        process.terminate()
        process.wait()


@pytest.fixture
def houses(tmp_path):
    """A curriculum of two stages, too long for any run to finish."""
    stages = (Stage(task="household/go-to", steps=500_000), Stage(task="mirror/go-to", steps=500_000))
    small = {"learning": {"n_envs": 8, "n_steps": 8}, "evaluation": {"n_eval_episodes": 4}}
    path = tmp_path / "houses.toml"
    save(path, RunConfig.model_validate({"name": "Houses", "stages": stages, **small}))
    return path


@pytest.fixture
def lab(display, houses, tmp_path):
    """The application with its window open, used by `Hands`; `process` is its process."""
    state_file, log = tmp_path / "state.json", (tmp_path / "log.txt").open("w")
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)}
    script = Path(__file__).with_name("spectator.py")
    arguments = [sys.executable, script, state_file, houses, "--size", "1240x760", "--language", "en"]
    process = subprocess.Popen(list(map(str, arguments)), env=environment, stdout=log, stderr=log, cwd=tmp_path)
    hands = Hands(display, state_file)
    hands.process = process
    try:
        hands.wait_for_rest()
        yield hands
    finally:
        process.kill()
        process.wait()
        log.close()
        log_file = (tmp_path / "log.txt").read_text()
    assert "Traceback" not in log_file, log_file
