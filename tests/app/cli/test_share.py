"""`export` and `import` on the command line, and a run that begins with an agent from a file."""

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from agents.events import RunStarted, Updated
from agents.store.run_store import RunStore
from app.cli.commands import main

CHECKPOINTS = "[checkpoint]\nsave_steps = 64\nmax_time_share = 1"


@pytest.fixture
def tiny(written):
    return written(("household/go-to", 128), head=CHECKPOINTS)


@pytest.fixture
def agent(runs, tiny, tmp_path):
    assert main(["run", tiny, "--quiet", "--name", "teacher"]) == 0
    path = tmp_path / "teacher.palimpsest"
    assert main(["export", "teacher", "--agent", str(path)]) == 0
    return path


def read_json(capsys):
    return json.loads(capsys.readouterr().out)


def update_terms(run):
    return [(event.step, event.terms) for event in run.replay() if isinstance(event, Updated)]


def test_an_exported_agent_is_described_and_begins_another_curriculum(agent, runs, written, capsys):
    capsys.readouterr()
    assert main(["import", str(agent), "--json"]) == 0
    metadata = read_json(capsys)
    assert (metadata["kind"], metadata["run"], metadata["step"], metadata["tasks"]) == (
        "agent",
        "teacher",
        128,
        ["Go to"],
    )
    mirrored = written(("mirror/go-to", 128), head=CHECKPOINTS, file="mirrored.toml")
    wider = ["--set", "model.width=32"]
    assert main(["run", mirrored, *wider, "--agent", str(agent), "--name", "pupil", "--quiet", "--json"]) == 0
    assert read_json(capsys)["finished"] == "done"
    pupil, teacher = runs.find("pupil"), runs.find("teacher")
    started = next(event for event in pupil.replay() if isinstance(event, RunStarted))
    assert started.agent["from"] == {"run": "teacher", "step": 128}
    assert pupil.config.model.width == 16
    before, after = teacher.checkpoint_at()[0], pupil.checkpoint_at(0)[0]
    assert all(np.array_equal(after[name][: len(weights)], weights) for name, weights in before.items())


def test_a_run_that_starts_with_an_agent_is_the_same_when_resumed_from_step_0(agent, runs, tiny):
    for name in ("once", "again"):
        assert main(["run", tiny, "--agent", str(agent), "--name", name, "--quiet"]) == 0
    run, other = runs.find("again"), runs.find("once")
    for path in (run.folder / "states").iterdir():
        path.unlink()  # no full checkpoint is left: the run can only continue from its start
    with sqlite3.connect(run.folder / "events.sqlite") as database:
        database.execute("DELETE FROM events WHERE kind IN ('RunFinished', 'StageFinished')")
    database.close()
    assert main(["resume", "again", "--quiet"]) == 0
    assert update_terms(run) == update_terms(other)
    assert main(["fork", "once", "--at", "0", "--name", "child", "--set", "learning.learning_rate=0.5", "--quiet"]) == 0
    child = runs.find("child")
    assert child.initial_files() == other.initial_files()
    first, same = (known.checkpoint_at(0)[0] for known in (child, other))
    assert all(np.array_equal(first[name], same[name]) for name in same)


def test_a_whole_run_is_imported_under_a_new_id_and_can_be_forked(agent, runs, tiny, tmp_path, capsys):
    path, elsewhere = tmp_path / "whole.palimpsest", str(tmp_path / "elsewhere")
    assert main(["run", tiny, "--agent", str(agent), "--name", "pupil", "--quiet"]) == 0
    assert main(["export", "pupil", "--whole", str(path)]) == 0
    capsys.readouterr()
    assert main(["import", str(path), "--runs", elsewhere, "--json"]) == 0
    metadata = read_json(capsys)
    assert metadata["kind"] == "run"
    run, original = RunStore(elsewhere).find(metadata["run"]), runs.find("pupil")
    assert list(run.replay()) == list(original.replay())
    assert run.config == original.config
    assert run.checkpoints() == original.checkpoints()
    assert run.saves() == original.saves()[-1:]
    again = ["fork", metadata["run"], "--at", "100", "--runs", elsewhere, "--name", "c", "--quiet", "--json"]
    assert main(again) == 0
    assert update_terms(RunStore(elsewhere).find("c")) == update_terms(original)
    assert [path.name for path in Path(elsewhere).iterdir() if path.name.startswith(".")] == []


def test_a_curriculum_is_described_with_its_path(tiny, capsys):
    assert main(["import", tiny, "--json"]) == 0
    metadata = read_json(capsys)
    assert (metadata["kind"], metadata["steps"], metadata["path"]) == ("curriculum", 128, tiny)


PRETRAIN_RESULT = {"perplexity": {}, "files": []}
BAD = [
    (["import", "nowhere.palimpsest"], "there is no such file"),
    (["import", "nowhere.toml"], "there is no such file"),
    (["import", "{text}"], "cannot be opened"),
    (["run", "{tiny}", "--agent", "{text}"], "cannot be opened"),
    (["run", "{tiny}", "--agent", "{whole}"], "holds a run, not an agent"),
    (["export", "teacher"], "nothing to export; add --to DIR"),
    (["export", "teacher", "--to", "{folder}", "--at", "5"], "add --agent FILE"),
    (["export", "teacher", "--agent", "{folder}/no/such/place.palimpsest"], "choose another place"),
    (
        ["export", "teacher", "--agent", "{folder}/new.palimpsest", "--at", "-1"],
        "has no checkpoint at or before step -1",
    ),
    (["export", "nobody", "--agent", "{text}"], "there is no run 'nobody'"),
]


def test_what_cannot_be_shared_is_refused_in_one_line(agent, runs, tiny, tmp_path, capsys):
    text, whole = tmp_path / "text.palimpsest", tmp_path / "whole.palimpsest"
    text.write_text("hello")
    assert main(["export", "teacher", "--whole", str(whole)]) == 0
    paths = {"text": text, "whole": whole, "tiny": tiny, "folder": tmp_path}
    for arguments, expected in BAD:
        capsys.readouterr()
        assert main([argument.format(**paths) for argument in arguments]) == 2
        error = capsys.readouterr().err
        assert expected in error
        assert error.count("\n") == 1
    assert [run.name for run in runs] == ["teacher"]


WRITERS = [
    (["export", "teacher", "--to", "{out}"], "matrix.csv"),
    (["export", "teacher", "--to", "{out}"], "config.toml"),
    (["export", "teacher", "--agent", "{out}/v1.5"], "v1.5"),
    (["export", "teacher", "--whole", "{out}/v1.5"], "v1.5"),
    (["pretrain", "--steps", "1", "--out", "{out}"], "built-in.json"),
    (["screenshot", "{out}/window v1.5.png", "--run", "teacher"], "window v1.5.png"),
]


def test_no_command_replaces_a_file_without_overwrite_or_changes_its_suffix(agent, tmp_path, monkeypatch, capsys):
    def train(recipe, out, quiet):
        (out / "built-in.json").write_text("new")
        return PRETRAIN_RESULT

    # a real screenshot needs a window, and real training minutes
    monkeypatch.setattr("app.cli.commands.load_painter", lambda: lambda path, **_: path.write_text("new"))
    monkeypatch.setattr("app.cli.pretrain._train", train)
    for index, (arguments, name) in enumerate(WRITERS):
        out = tmp_path / str(index)
        out.mkdir()
        (out / name).write_text("precious")
        command = [argument.format(out=out) for argument in arguments]
        capsys.readouterr()
        assert main(command) == 2
        assert f"{out / name}: exists already; choose another name" in capsys.readouterr().err.replace("\n", "")
        assert [(path.name, path.read_text()) for path in out.iterdir()] == [(name, "precious")]
        assert main([*command, "--overwrite"]) == 0
        assert (out / name).read_bytes() != b"precious"
