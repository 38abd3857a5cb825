"""Whole runs in files: imported unchanged, or not at all."""

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
from agents.sharing import agent_file, run_file
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
    other = tmp_path / "invalid.palimpsest"
    other.write_bytes(packed(members))
    return other


def test_a_run_is_imported_unchanged(collected, tmp_path):
    run, path = collected
    store = RunStore(tmp_path / "runs")
    imported = run_file.import_run(path, store)
    assert list(imported.replay()) == list(run.replay())
    assert (imported.name, imported.config, imported.checkpoints()) == (run.name, run.config, run.checkpoints())
    assert imported.saved().plain == run.saved().plain
    assert imported.state == "done"
    assert [found.id for found in store] == [imported.id]


def test_a_run_is_exported_while_it_is_running(tmp_path):
    prepared = start(RunStore(tmp_path / "runs"), CONFIG, name="live")
    for event in prepared.events:
        if event.step >= 200:
            break
    run_file.export(prepared.run, tmp_path / "live.palimpsest")
    imported = run_file.import_run(tmp_path / "live.palimpsest", RunStore(tmp_path / "other"))
    prepared.events.close()
    assert imported.state == "interrupted"
    assert 128 <= imported.story().step <= 200
    assert list(imported.replay()) == list(prepared.run.replay())[: len(list(imported.replay()))]


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
"""Parts of statements that change nothing, or only events that readers skip."""


@pytest.mark.parametrize("statement", [text for text in STATEMENTS if not any(mark in text for mark in HARMLESS)])
def test_a_malicious_or_inconsistent_event_log_is_refused(collected, tmp_path, statement):
    path = rewritten(collected[1], tmp_path, of_events(statement))
    store = RunStore(tmp_path / "runs")
    with pytest.raises(BadInput) as caught:
        run_file.import_run(path, store)
    assert str(caught.value).startswith("invalid.palimpsest: ")
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
    change, pattern = REFUSED[case]
    path = rewritten(collected[1], tmp_path, change)
    store = RunStore(tmp_path / "runs")
    with pytest.raises(BadInput, match=pattern):
        run_file.import_run(path, store)
    assert not store.root.exists() or list(store.root.iterdir()) == []


def test_tags_note_and_parent_are_imported(collected, tmp_path):
    change = meta(parent=PARENT, tags=["best"], note="keep", unknown=[1])
    imported = run_file.import_run(rewritten(collected[1], tmp_path, change), RunStore(tmp_path / "runs"))
    assert (imported.meta["tags"], imported.meta["note"], imported.meta.get("unknown")) == (["best"], "keep", None)
    assert RunBranch.of(imported) == RunBranch(**PARENT)


def test_a_folder_that_cannot_be_written_is_reported(collected, tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(BadInput, match="choose another folder with --runs"):
        run_file.import_run(collected[1], RunStore(tmp_path / "runs"))


def test_a_run_without_events_is_not_exported(tmp_path):
    run = RunStore(tmp_path / "runs").create(CONFIG, "silent")
    with pytest.raises(BadInput, match="has not recorded any events yet"):
        run_file.export(run, tmp_path / "silent.palimpsest")
    shutil.rmtree(run.folder)


def test_incompatible_settings_and_stages_leave_no_run(tmp_path):
    incompatible = CONFIG.model_copy(update={"instructions": InstructionsConfig(writer="learned")})
    with pytest.raises(BadInput, match="cannot check instructions"):
        start(RunStore(tmp_path / "runs"), incompatible)
    assert not list(RunStore(tmp_path / "runs"))


def test_an_imported_run_has_the_agent_that_it_started_from(teacher, tmp_path):
    agent = agent_file.load(teacher[1] / "agent.palimpsest")
    prepared = start(RunStore(tmp_path / "runs"), CONFIG, agent)
    for event in prepared.events:
        if event.step >= 64:
            break
    prepared.events.close()
    run_file.export(prepared.run, tmp_path / "student.palimpsest")
    imported = run_file.import_run(tmp_path / "student.palimpsest", RunStore(tmp_path / "other"))
    assert imported.initial_files() == prepared.run.initial_files() != {}
