"""The process is killed in the middle of a run, with unsaved edits."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.config.config_file import load, save
from agents.store.run_store import RunStore

ROOT = Path(__file__).parents[2]


@contextmanager
def running_window(tmp_path, *arguments):
    """Open the window, yield its printed states, and kill it without any clean-up."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    script = Path(__file__).with_name("survivor.py")
    with (tmp_path / "log.txt").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, str(script), *map(str, arguments)],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield map(json.loads, process.stdout)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def first(states, condition):
    for state in states:
        if condition(state):
            return state
    raise AssertionError("the process ended before the condition was met")


def saved(run):
    """Whether there is a full checkpoint after step 0."""
    return any(point.step for point in run.saves())


@pytest.mark.timeout(120)
def test_after_a_kill_the_edits_are_restored_and_the_run_is_resumed(tmp_path, houses):
    save(houses, load(houses).changed({"checkpoint.save_steps": 512, "checkpoint.max_time_share": 1}))
    draft = tmp_path / "config" / "unsaved.toml"
    store = RunStore(tmp_path / "runs")
    with running_window(tmp_path, "edit", houses) as states:
        first(states, lambda state: state["step"] > 500 and draft.is_file() and saved(next(iter(store))))
    assert load(draft).name == "Edited"
    assert load(houses).name == "Houses"
    (run,) = store
    assert run.state == "interrupted"
    step = run.story().step

    with running_window(tmp_path, "return") as states:
        state = first(states, lambda state: "offer" in state)
        assert (state["title"], state["dirty"]) == ("Edited", True)
        assert f"was interrupted at step {step:,}" in state["offer"]
        state = first(states, lambda state: state["step"] > step)
    assert state["run"] == run.id
    assert state["resumed"] == [True]
    assert len(list(store)) == 1
