"""A world that hangs on the command line: one Ctrl+C ends the run, and `resume` is named."""

import signal
import threading
import time

from app.cli import main
from envs.household import Household


def hang(monkeypatch, patience=31.0):
    """Let a world hang for ever, half a minute pass that nobody has to wait for, and a person press Ctrl+C."""
    blocked, skipped, step = threading.Event(), [0.0], Household.step

    def never(world, action):
        if not blocked.is_set():
            blocked.set()
            threading.Event().wait(60)
        return step(world, action)

    def press():
        blocked.wait(60)
        time.sleep(0.3)  # Python overlooks a signal in the moment in which a wait begins
        skipped[0] = patience
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    monkeypatch.setattr("agents.stall.monotonic", lambda: time.monotonic() + skipped[0])
    monkeypatch.setattr(Household, "step", never)
    threading.Thread(target=press).start()


def test_one_ctrl_c_ends_a_run_that_hangs_and_it_goes_on_later(monkeypatch, written, runs, capsys):
    hang(monkeypatch)
    assert main(["run", written(("household/go-to", 64)), "--name", "hung", "--quiet"]) == 130
    run = runs.find("hung")
    assert run.state == "interrupted"
    assert main(["resume", "hung", "--quiet"]) == 0
    assert run.state == "done"
    assert capsys.readouterr().err == ""
