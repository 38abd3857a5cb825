"""The lab is killed in the middle of a run, with edits that no file holds."""

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
def lab(tmp_path, *words):
    """Open the lab; yields what it tells, and kills it with no chance to tidy up."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    script = Path(__file__).with_name("survivor.py")
    with (tmp_path / "log.txt").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, str(script), *map(str, words)],
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


def first(told, what):
    for seen in told:
        if what(seen):
            return seen
    raise AssertionError("the lab ended before that")


def saved(run):
    """Whether a checkpoint holds some of what was lived."""
    return any(point.step for point in run.saves())


@pytest.mark.timeout(120)
def test_after_a_kill_the_edits_come_back_and_the_run_goes_on(tmp_path, houses):
    save(houses, load(houses).changed({"checkpoint.save_steps": 512, "checkpoint.max_time_share": 1}))
    draft = tmp_path / "config" / "unsaved.toml"
    store = RunStore(tmp_path / "runs")
    with lab(tmp_path, "edit", houses) as told:
        first(told, lambda seen: seen["step"] > 500 and draft.is_file() and saved(next(iter(store))))
    assert load(draft).name == "Edited"
    assert load(houses).name == "Houses"
    (run,) = store
    assert run.state == "interrupted"
    reached = run.story().step

    with lab(tmp_path, "return") as told:
        seen = first(told, lambda seen: "offer" in seen)
        assert (seen["title"], seen["dirty"]) == ("Edited", True)
        assert f"was interrupted at step {reached:,}" in seen["offer"]
        seen = first(told, lambda seen: seen["step"] > reached)
    assert seen["run"] == run.id
    assert seen["resumed"] == [True]
    assert len(list(store)) == 1
