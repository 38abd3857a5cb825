"""Whole runs in files: taken in as they were, or not at all."""

import json
import shutil
import sqlite3
import zlib
from contextlib import closing

import pytest

from agents.benchmarks.robustness.forged_archives import packed, unpacked
from agents.benchmarks.robustness.forged_content import STATEMENTS, seal
from agents.benchmarks.robustness.fuzz import CONFIG
from agents.config.agent import InstructionsConfig
from agents.errors import BadInput
from agents.sharing import run_file
from agents.store.run_store import RunStore
from agents.training.branch import RunBranch
from agents.training.prepared_run import start


@pytest.fixture
def collected(teacher):
    run, folder = teacher
    return run, folder / "whole.palimpsest"


def rewritten(path, tmp_path, change):
    members = unpacked(path.read_bytes())
    change(members, tmp_path)
    seal(members)
    other = tmp_path / "odd.palimpsest"
    other.write_bytes(packed(members))
    return other


def test_a_run_is_taken_in_as_it_was(collected, tmp_path):
    run, path = collected
    store = RunStore(tmp_path / "runs")
    taken = run_file.take_in(path, store)
    assert list(taken.replay()) == list(run.replay())
    assert (taken.name, taken.config, taken.checkpoints()) == (run.name, run.config, run.checkpoints())
    assert taken.saved().plain == run.saved().plain
    assert taken.state == "done"
    assert [found.id for found in store] == [taken.id]


def test_a_run_is_exported_while_it_is_lived(tmp_path):
    begun = start(RunStore(tmp_path / "runs"), CONFIG, name="live")
    for event in begun.events:
        if event.step >= 200:
            break
    run_file.export(begun.run, tmp_path / "live.palimpsest")
    taken = run_file.take_in(tmp_path / "live.palimpsest", RunStore(tmp_path / "other"))
    begun.events.close()
    assert taken.state == "interrupted"
    assert 128 <= taken.story().step <= 200
    assert list(taken.replay()) == list(begun.run.replay())[: len(list(taken.replay()))]


def of_events(statement):
    def change(members, folder):
        path = folder / "events.sqlite"
        path.write_bytes(members["events.sqlite"])
        bomb = (zlib.compress(bytes(64 << 20)),) if "?" in statement else ()
        with closing(sqlite3.connect(path)) as database:
            database.execute(statement, bomb)
            database.commit()
        members["events.sqlite"] = path.read_bytes()
        path.unlink()

    return change


HARMLESS = ("PRAGMA", "Nothing", "{x.__class__}", '{"added": 5}')
"""Marks of what changes nothing, or only what readers leave out."""


@pytest.mark.parametrize("statement", [text for text in STATEMENTS if not any(mark in text for mark in HARMLESS)])
def test_a_story_that_could_do_harm_or_makes_no_sense_is_refused(collected, tmp_path, statement):
    path = rewritten(collected[1], tmp_path, of_events(statement))
    store = RunStore(tmp_path / "runs")
    with pytest.raises(BadInput) as caught:
        run_file.take_in(path, store)
    assert str(caught.value).startswith("odd.palimpsest: ")
    assert not store.root.exists() or list(store.root.iterdir()) == []


def meta(**changes):
    def change(members, folder):
        members["meta.json"] = json.dumps({**json.loads(members["meta.json"]), **changes}).encode()

    return change


PARENT = {"run": "20260101-a", "step": 5, "changes": {}, "stages": None}
REFUSED = {
    "a parent elsewhere": (meta(parent={**PARENT, "run": "../../secret"}), "parent.run"),
    "an agent that is not there": (meta(initial_files=["agent.json", "agent.safetensors"]), "agent.json"),
    "an agent that is anywhere": (meta(initial_files=["../../x"]), "initial_files"),
    "a name that is a table": (meta(name={}), "name"),
    "no story": (lambda members, _: members.pop("events.sqlite"), "events.sqlite is missing"),
    "weights without words": (lambda members, _: members.pop("checkpoints/step-000000000.json"), "No such file"),
    "other settings": (lambda members, _: members.update({"config.toml": b"[model]\nwidth = 32\n"}), "another size"),
    "no settings": (lambda members, _: members.update({"config.toml": b"x ="}), "not valid TOML"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_run_that_does_not_fit_together_is_refused_and_leaves_nothing(collected, tmp_path, case):
    change, said = REFUSED[case]
    path = rewritten(collected[1], tmp_path, change)
    store = RunStore(tmp_path / "runs")
    with pytest.raises(BadInput, match=said):
        run_file.take_in(path, store)
    assert not store.root.exists() or list(store.root.iterdir()) == []


def test_what_people_said_of_a_run_and_where_it_was_left_travel_with_it(collected, tmp_path):
    change = meta(parent=PARENT, tags=["best"], note="keep", unknown=[1])
    taken = run_file.take_in(rewritten(collected[1], tmp_path, change), RunStore(tmp_path / "runs"))
    assert (taken.meta["tags"], taken.meta["note"], taken.meta.get("unknown")) == (["best"], "keep", None)
    assert RunBranch.of(taken) == RunBranch(**PARENT)


def test_a_folder_that_cannot_be_written_is_said(collected, tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(BadInput, match="choose another folder with --runs"):
        run_file.take_in(collected[1], RunStore(tmp_path / "runs"))


def test_a_run_that_has_told_nothing_is_not_exported(tmp_path):
    run = RunStore(tmp_path / "runs").create(CONFIG, "silent")
    with pytest.raises(BadInput, match="has told nothing yet"):
        run_file.export(run, tmp_path / "silent.palimpsest")
    shutil.rmtree(run.folder)


def test_settings_and_stages_that_do_not_go_together_leave_no_run(tmp_path):
    odd = CONFIG.model_copy(update={"instructions": InstructionsConfig(writer="learned")})
    with pytest.raises(BadInput, match="cannot check instructions"):
        start(RunStore(tmp_path / "runs"), odd)
    assert not list(RunStore(tmp_path / "runs"))
