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
    dialog._ask_and_save()
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
def window_with_run(window, tmp_path, config):
    """A window that displays a run with a sentence of knowledge."""
    story = Story()
    for event in (
        RunStarted(step=0, config=config),
        KnowledgeChanged(step=0, added=(KnowledgeEntry(id=1, sentence="x", source="environment"),)),
    ):
        story.fold(event)
    window.session.story, window.session.folder = story, tmp_path / "runs" / "one"
    return window


@pytest.fixture
def user(monkeypatch, tmp_path):
    """Types `lesson v1.5` into every file dialog, gives the `answer` to questions, and lists the questions."""

    class User:
        questions, answer, folder = [], "Cancel", tmp_path / "files"

    instance = User()
    instance.questions = []
    instance.folder.mkdir()

    def press(box):
        instance.questions.append(box.text())
        box.chosen = next(button for button in box.buttons() if button.text() == instance.answer)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(instance.folder / "lesson v1.5"), ""))
    monkeypatch.setattr(QMessageBox, "exec", press)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.chosen)
    return instance


@pytest.fixture
def synchronous_window(window_with_run, monkeypatch):
    """Execute the jobs of the run library at once, and let exports write one line into the file."""
    for kind in ("agent", "whole"):
        monkeypatch.setattr(
            import_export.ImportExport, f"_write_{kind}", lambda *arguments: arguments[-1].write_text("packed")
        )
    monkeypatch.setattr(window_with_run.session.run_library, "send", lambda job: job())
    return window_with_run


@pytest.mark.parametrize("key", DIALOGS)
def test_a_dot_in_a_name_replaces_no_other_file(synchronous_window, user, key):
    save, suffix = DIALOGS[key]
    neighbour, target = user.folder / f"lesson v1{suffix}", user.folder / f"lesson v1.5{suffix}"
    neighbour.write_text("precious")
    save(synchronous_window)
    assert neighbour.read_text() == "precious"
    assert target.stat().st_size
    assert user.questions == []
    target.write_text("precious, too")
    save(synchronous_window)
    assert target.read_text() == "precious, too"
    assert user.questions == [f"‘{target.name}’ is there already. Replace it?"]
    user.answer = "Replace"
    save(synchronous_window)
    assert target.read_bytes() != b"precious, too"
    assert sorted(path.name for path in user.folder.iterdir()) == sorted((neighbour.name, target.name))


def test_tables_are_not_written_over_those_of_a_folder_unasked(synchronous_window, user, monkeypatch):
    written = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(user.folder))
    monkeypatch.setattr(synchronous_window.session.run_library, "export", lambda _, target: written.append(target))
    synchronous_window.exports.displayed_run()  # makes the folder, for its pictures
    synchronous_window.exports.displayed_run()
    assert written == [user.folder / "one"]
    assert user.questions == ["The folder ‘one’ is there already. Replace the files in it?"]


def test_all_saving_uses_one_dialog_module():
    """Only one module may use Qt's dialogs for saving, and no module may cut a name at its dot."""
    for folder in ("app", "widgets"):
        for path in (ROOT / folder).rglob("*.py"):
            names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
            if path.name != "save_dialog.py" and "benchmarks" not in path.parts:
                assert not names & {"getSaveFileName", "with_suffix", "with_stem"}, path
