"""`resume` and `fork` on the command line, on a run that is really killed."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.events import Updated
from app.cli.commands import main

ROOT = Path(__file__).parents[3]
CHECKPOINTS = "[checkpoint]\nsave_steps = 256\nmax_time_share = 1"


@pytest.fixture
def tiny(written):
    return written(("household/go-to", 4000), head=CHECKPOINTS)


def update_terms(run):
    return [(event.step, event.terms) for event in run.replay() if isinstance(event, Updated)]


def test_a_run_that_was_killed_is_resumed_to_the_same_end(runs, tiny, capsys):
    with subprocess.Popen(
        [sys.executable, "-m", "app", "run", tiny, "--quiet", "--name", "killed"], cwd=ROOT
    ) as process:
        deadline = time.monotonic() + 60
        while not any(run.saves() for run in runs):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
    run = runs.find("killed")
    assert run.state == "interrupted"
    assert main(["show", "killed"]) == 0
    assert f"interrupted; continue it with: palimpsest resume {run.id}" in capsys.readouterr().out
    assert main(["resume", "killed", "--json"]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)["finished"] == "done"
    assert "Continues at step " in output.err
    assert ", exactly" in output.err
    assert main(["run", tiny, "--quiet", "--name", "whole"]) == 0
    assert update_terms(runs.find("killed")) == update_terms(runs.find("whole"))
    assert main(["resume", "killed"]) == 2
    assert "is done; fork it to change" in capsys.readouterr().err


def test_a_fork_is_a_run_of_its_own_with_a_parent(runs, tiny, written, capsys):
    assert main(["run", tiny, "--quiet", "--name", "parent", "--set", "stages.0.steps=512"]) == 0
    rest = written(("household/go-to", 64), head=CHECKPOINTS, file="rest.toml")
    arguments = ["fork", "parent", "--at", "300", "--set", "learning.learning_rate=0.01", "--curriculum", rest]
    capsys.readouterr()
    assert main([*arguments, "--name", "child", "--json", "--quiet"]) == 0
    summary = json.loads(capsys.readouterr().out)
    child, parent = runs.find("child"), runs.find("parent")
    assert summary["steps"] == 512 + 64
    assert child.meta["parent"] == {**child.meta["parent"], "run": parent.id, "step": 300}
    before = [row for row in update_terms(parent) if row[0] < 300]
    assert update_terms(child)[: len(before)] == before
    assert update_terms(child)[len(before) + 1] != update_terms(parent)[len(before) + 1]


BAD = [
    (["fork", "parent", "--at", "1000"], "--at 1000: run"),
    (["fork", "parent", "--at", "x"], "--at"),
    (["fork", "parent"], "Missing option '--at'"),
    (["fork", "parent", "--at", "5", "--set", "model.width=32"], "can't change in the middle of a run"),
    (["fork", "parent", "--at", "5", "--curriculum", "nowhere.toml"], "there is no such file"),
    (["resume", "nobody"], "there is no run 'nobody'"),
]


def test_what_cannot_be_continued_is_refused_in_one_line(runs, tiny, capsys):
    assert main(["run", tiny, "--quiet", "--name", "parent", "--set", "stages.0.steps=64"]) == 0
    for arguments, line in BAD:
        capsys.readouterr()
        assert main(arguments) == 2
        error = capsys.readouterr().err
        assert line in error
        assert error.count("\n") == 1
    assert len(list(runs)) == 1
