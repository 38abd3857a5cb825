"""A world that hangs on the command line: one Ctrl+C ends the run, and `resume` is named."""

import signal
import threading
import time

import gymnasium as gym
import pytest

from app.cli.commands import main
from envs.household.single_room import Household


@pytest.fixture(autouse=True)
def interruptible():
    """Enable Ctrl+C, which a shell disables for tests that it starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def hang(monkeypatch, patience=31.0):
    """Make a world hang, advance the clock of the stall detection by `patience` seconds, and send Ctrl+C."""
    blocked, skipped, step = threading.Event(), [0.0], Household.step

    def never(world, action):
        if not blocked.is_set():
            blocked.set()
            threading.Event().wait(60)
        return step(world, action)

    def press_ctrl_c():
        blocked.wait(60)
        time.sleep(0.3)  # Python misses a signal that arrives just as a wait starts
        skipped[0] = patience
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    monkeypatch.setattr("agents.runtime.stall.monotonic", lambda: time.monotonic() + skipped[0])
    monkeypatch.setattr(Household, "step", never)
    threading.Thread(target=press_ctrl_c).start()


def test_one_ctrl_c_ends_a_run_that_hangs_and_it_can_be_resumed(monkeypatch, written, runs, capsys):
    hang(monkeypatch)
    assert main(["run", written(("household/go-to", 64)), "--name", "hung", "--quiet"]) == 130
    run = runs.find("hung")
    assert run.state == "interrupted"
    assert main(["resume", "hung", "--quiet"]) == 0
    assert run.state == "done"
    assert capsys.readouterr().err == ""


def test_a_world_that_never_gets_ready_is_reported_and_one_ctrl_c_ends_it(monkeypatch, written, runs, capsys):
    class Waits(gym.Env):
        metadata = {"render_modes": []}  # noqa: RUF012 - Gymnasium declares it a plain dict
        observation_space, action_space = gym.spaces.Discrete(5), gym.spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            threading.Event().wait(60)

    def press_ctrl_c():
        while "may hang" not in "".join(lines):
            time.sleep(0.05)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    lines = []
    monkeypatch.setattr("agents.runtime.stall.PATIENCE", 0.5)
    monkeypatch.setattr("app.cli.progress.ProgressPrinter._print", lambda printer, line: lines.append(line))
    gym.register("Waits-v0", entry_point=Waits)
    try:
        threading.Thread(target=press_ctrl_c, daemon=True).start()
        assert main(["run", written(("gym:Waits-v0", 64))]) == 130
    finally:
        del gym.registry["Waits-v0"]
    assert any("Waits-v0: not ready after" in line for line in lines)
    assert not list(runs)
