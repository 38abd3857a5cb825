"""The knowledge base is exported as CSV and JSON, on the command line and from the menu."""

import csv
import json

import pytest
from PySide6.QtWidgets import QFileDialog

from agents.config import RunConfig
from agents.errors import BadInput
from agents.events import KnowledgeChanged, KnowledgeEntry, RunStarted, TasksChanged
from agents.store.run_store import RunStore
from app.cli.commands import main
from app.runs import knowledge_tables
from app.runs.tables import export
from app.session.session import Session
from app.window.dock_area import DockArea
from app.window.exports import Exports
from envs.task import Task

ENTRIES = (
    KnowledgeEntry(
        id=4,
        sentence="苹果 belongs in the “cupboard”, today",
        source="environment",
        task_id=0,
        evidence_for=2.0,
        stage=0,
    ),
    KnowledgeEntry(id=7, sentence="the apple, ; is blue", source="person", rival=4, step=9, pinned=True),
)
CONFIG = RunConfig(name="Rules", knowledge={"max_entries": 8})


@pytest.fixture
def run(runs):
    stored = runs.create(CONFIG)
    events = (
        RunStarted(step=0, config=CONFIG),
        TasksChanged(step=0, tasks=(Task(key="household/rules"),)),
        KnowledgeChanged(step=3, added=ENTRIES[:1]),
        KnowledgeChanged(step=9, added=ENTRIES[1:]),
    )
    list(stored.record(events))
    return stored


def read(path):
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("kind", knowledge_tables.WRITERS)
def test_what_is_written_is_read_again(tmp_path, kind):
    path = tmp_path / f"known{kind}"
    knowledge_tables.write(path, knowledge_tables.rows(ENTRIES, ["House rules"]))
    first, second = read(path)
    assert tuple(first) == tuple(second) == knowledge_tables.HEADER
    assert (first["sentence"], first["task"], first["state"]) == (ENTRIES[0].sentence, "House rules", "confirmed")
    assert float(first["confidence"]) == ENTRIES[0].confidence
    assert (second["refuted_by"], second["state"], str(second["pinned"])) == (ENTRIES[0].sentence, "refuted", "True")
    assert second["task"] in ("", None)


def test_another_kind_of_file_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(BadInput, match=r"known\.txt: knowledge is written as \.csv or \.json"):
        knowledge_tables.write(tmp_path / "known.txt", [])
    with pytest.raises(BadInput, match="cannot be written"):
        knowledge_tables.write(tmp_path / "no" / "such.csv", [])


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], [4, 7]),
        (["--at", "5"], [4]),
        (["--words", "APPLE blue"], [7]),
        (["--like", "where the apple is"], [7]),
        (["--like", "belongs in the cupboard"], [4]),
        (["--words", "cupboard", "--like", "blue"], []),
    ],
)
def test_knowledge_is_filtered_by_step_words_and_meaning(run, capsys, flags, expected):
    assert main(["knowledge", run.id, "--json", *flags]) == 0
    output = json.loads(capsys.readouterr().out)
    assert [entry["id"] for entry in output["entries"]] == expected
    assert (output["run"], output["files"]) == (run.id, [])


def test_the_command_writes_a_file_or_prints_a_table(run, tmp_path, capsys):
    path = tmp_path / "known.csv"
    assert main(["knowledge", run.id, "--to", str(path)]) == 0
    assert main(["knowledge", run.id, "--to", str(path)]) == 2
    assert main(["knowledge", run.id, "--to", str(path), "--overwrite"]) == 0
    assert [row["id"] for row in read(path)] == ["4", "7"]
    capsys.readouterr()
    assert main(["knowledge", run.id]) == 0
    assert "cupboard" in capsys.readouterr().out


def test_a_run_without_knowledge_is_refused_with_the_remedy(run, capsys):
    assert main(["knowledge", run.id, "--at", "0"]) == 2
    assert "has no knowledge at step 0; start a run with --set knowledge.max_entries=1000" in capsys.readouterr().err


def test_the_tables_of_a_run_include_its_knowledge(run, tmp_path):
    files = {path.name: path for path in export(run, tmp_path / "out")}
    assert [row["sentence"] for row in read(files["knowledge.csv"])] == [entry.sentence for entry in ENTRIES]


@pytest.fixture
def exports_of_session(qtbot, runs):
    """A session, its exports, and the texts of its notices."""
    session = Session(runs.root)
    docks = DockArea({"curriculum": session.curriculum})
    qtbot.addWidget(docks)
    texts = []
    session.noticed.connect(lambda notice: texts.append(notice.text))
    yield session, Exports(session, docks, docks), texts
    session.close()
    session.deleteLater()


@pytest.mark.parametrize(("chosen", "filter_", "written"), [("a.json", "", "a.json"), ("b", "JSON (*.json)", "b.json")])
def test_the_menu_exports_the_knowledge_at_the_playhead(  # noqa: PLR0913  fixtures
    exports_of_session, run, tmp_path, monkeypatch, chosen, filter_, written
):
    session, exports, texts = exports_of_session
    exports.knowledge()
    assert texts == ["This agent has no knowledge yet: there is nothing to export."]
    session.story, session._playhead = RunStore(run.folder.parent).find(run.id).story(), 5
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / chosen), filter_))
    exports.knowledge()
    assert [row["id"] for row in read(tmp_path / written)] == [4]
    assert texts[-1].startswith("Saved to")
