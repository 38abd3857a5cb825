"""Every dialog of the window that writes a file: nothing is replaced unasked, and a dot in a name stays."""

import ast
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from agents.events import KnowledgeChanged, KnowledgeEntry, RunStarted
from agents.story import Story
from app.window import import_export
from widgets.shell.problem_dialog import ProblemDialog

ROOT = Path(__file__).parents[3]


def save_report(window):
    dialog = ProblemDialog(window)
    dialog.show_report("all is well")
    dialog._ask_where()
    dialog.close()


DIALOGS = {
    "curriculum": (lambda window: window.documents.save_as(), ".toml"),
    "window": (lambda window: window.exports.window_picture(), ".png"),
    "panel": (lambda window: window.exports.panel_picture(window.docks.panel("tasks"), "png"), ".png"),
    "drawing": (lambda window: window.exports.panel_picture(window.docks.panel("tasks"), "svg"), ".svg"),
    "knowledge": (lambda window: window.exports.knowledge(), ".csv"),
    "agent": (lambda window: window.sharing.export_agent(), ".palimpsest"),
    "run": (lambda window: window.sharing.export_whole(), ".palimpsest"),
    "report": (save_report, ".txt"),
}


@pytest.fixture
def told(window, tmp_path, config):
    """A window with a run in front that knows a sentence, and what its shelf writes."""
    story = Story()
    for event in (
        RunStarted(step=0, config=config),
        KnowledgeChanged(step=0, added=(KnowledgeEntry(id=1, sentence="x", source="told"),)),
    ):
        story.fold(event)
    window.session.story, window.session.folder = story, tmp_path / "runs" / "one"
    return window


@pytest.fixture
def typed(monkeypatch, tmp_path):
    """Types `lesson v1.5` into every dialog, answers as it is set to, and keeps what was asked."""

    class Typed:
        asked, answer, folder = [], "Cancel", tmp_path / "files"

    made = Typed()
    made.asked = []
    made.folder.mkdir()

    def press(box):
        made.asked.append(box.text())
        box.chosen = next(button for button in box.buttons() if button.text() == made.answer)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(made.folder / "lesson v1.5"), ""))
    monkeypatch.setattr(QMessageBox, "exec", press)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.chosen)
    return made


@pytest.fixture
def at_once(told, monkeypatch):
    """Let what the shelf would do in its thread be done now, by writing a line into the file."""
    for kind in ("agent", "whole"):
        monkeypatch.setattr(
            import_export.ImportExport, f"_write_{kind}", lambda *arguments: arguments[-1].write_text("packed")
        )
    monkeypatch.setattr(told.session.run_library, "send", lambda errand: errand())
    return told


@pytest.mark.parametrize("key", DIALOGS)
def test_a_dot_in_a_name_costs_nobody_a_file(at_once, typed, key):
    save, suffix = DIALOGS[key]
    neighbour, target = typed.folder / f"lesson v1{suffix}", typed.folder / f"lesson v1.5{suffix}"
    neighbour.write_text("precious")
    save(at_once)
    assert neighbour.read_text() == "precious"
    assert target.stat().st_size
    assert typed.asked == []
    target.write_text("precious, too")
    save(at_once)
    assert target.read_text() == "precious, too"
    assert typed.asked == [f"‘{target.name}’ is there already. Replace it?"]
    typed.answer = "Replace"
    save(at_once)
    assert target.read_bytes() != b"precious, too"
    assert sorted(path.name for path in typed.folder.iterdir()) == sorted((neighbour.name, target.name))


def test_tables_are_not_written_over_those_of_a_folder_unasked(at_once, typed, monkeypatch):
    written = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(typed.folder))
    monkeypatch.setattr(at_once.session.run_library, "export", lambda _, target: written.append(target))
    at_once.exports.run_in_front()  # makes the folder, for its pictures
    at_once.exports.run_in_front()
    assert written == [typed.folder / "one"]
    assert typed.asked == ["The folder ‘one’ is there already. Replace the files in it?"]


def test_whoever_writes_asks_at_one_place():
    """Also those who come later: only one module names Qt's dialogs for saving, and nobody cuts a name at its dot."""
    for folder in ("app", "widgets"):
        for path in (ROOT / folder).rglob("*.py"):
            names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
            if path.name != "save_dialog.py" and "benchmarks" not in path.parts:
                assert not names & {"getSaveFileName", "with_suffix", "with_stem"}, path
