"""Files that are opened, dropped and exported in the window."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from agents.benchmarks.robustness.fuzz import CONFIG
from agents.config.config_file import save
from agents.events import RunStarted
from agents.sharing import agent_file, run_file
from agents.store.run_store import RunStore
from app.session.session import Session
from app.window.documents import Documents
from app.window.import_export import ImportExport
from app.window.main_window import MainWindow
from app.window.settings import Settings


@pytest.fixture
def run_files(teacher):
    """A short run, and its agent and itself as files."""
    return teacher[1]


@pytest.fixture
def sharing(qtbot, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    session = Session(tmp_path / "runs", window)
    documents = Documents(session, Settings(tmp_path / "config"), window)
    instance = ImportExport(session, documents, window)
    instance.session, instance.documents, instance.notices = session, documents, []
    session.noticed.connect(instance.notices.append)
    session.load(CONFIG)
    yield instance
    session.close()


@pytest.fixture
def questions(monkeypatch):
    """Press the button with this text in every question; return the texts of the questions."""
    texts, answer = [], "Start with it"

    def press(box):
        texts.append(f"{box.text()} {box.informativeText()}")
        box.chosen_path = next(button for button in box.buttons() if button.text() == answer)

    monkeypatch.setattr(QMessageBox, "exec", press)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.chosen_path)
    return texts


@pytest.fixture
def chosen_path(tmp_path, monkeypatch):
    """The path that is chosen in file dialogs."""
    path = tmp_path / "mine"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    return path


def test_an_opened_agent_starts_the_current_curriculum(qtbot, sharing, run_files, questions):
    sharing.documents.open_path(run_files / "agent.palimpsest")
    qtbot.waitUntil(lambda: sharing.session.state == "stored", timeout=60_000)
    assert "The agent of ‘teacher’ at step 384" in questions[0]
    assert "Go to" in questions[0]
    run = next(iter(RunStore(sharing.session.run_library.root)))
    started = next(event for event in run.replay() if isinstance(event, RunStarted))
    assert started.agent["from"] == {"run": "teacher", "step": 384}
    assert (
        run.initial_files()["agent.safetensors"]
        == agent_file.load(run_files / "agent.palimpsest").files["agent.safetensors"]
    )


def test_an_opened_run_is_imported_and_displayed(qtbot, sharing, run_files):
    with qtbot.waitSignal(sharing.session.runs_changed, timeout=30_000):
        sharing.documents.open_path(run_files / "whole.palimpsest")
    qtbot.waitUntil(lambda: sharing.session.state == "stored", timeout=30_000)
    assert [run.name for run in RunStore(sharing.session.run_library.root)] == ["teacher"]
    assert sharing.session.story.step == 384
    assert "Imported run: teacher" in [notice.text for notice in sharing.notices]


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(100)])
def test_a_file_that_cannot_be_opened_is_explained_in_one_line(qtbot, sharing, tmp_path, content):
    path = tmp_path / "bad.palimpsest"
    path.write_bytes(content)
    sharing.documents.open_path(path)
    qtbot.waitUntil(lambda: bool(sharing.notices), timeout=30_000)
    assert sharing.notices[0].is_problem
    assert "bad.palimpsest: cannot be opened" in sharing.notices[0].text
    assert sharing.session.state == "idle"


@pytest.mark.parametrize(("export", "kind"), [("export_agent", "agent"), ("export_whole", "run")])
def test_the_displayed_run_and_its_agent_are_exported(qtbot, sharing, run_files, chosen_path, export, kind):
    getattr(sharing, export)()
    assert "There is no run to export yet" in sharing.notices[-1].text
    run = next(iter(RunStore(run_files / "runs")))
    sharing.session.open_run(run.folder)
    qtbot.waitUntil(lambda: sharing.session.state == "stored", timeout=30_000)
    sharing.session.move_playhead(130)
    with qtbot.waitSignal(sharing.written, timeout=30_000) as written:
        getattr(sharing, export)()
    path = chosen_path.with_suffix(".palimpsest")
    assert written.args == [str(path)]
    if kind == "agent":
        assert agent_file.load(path).about.provenance.step == 128
    else:
        assert run_file.import_run(path, RunStore(chosen_path.parent / "other")).name == "teacher"


@pytest.mark.parametrize(("name", "taken"), [("a.palimpsest", True), ("b.toml", True), ("c.zip", False)])
def test_supported_files_can_be_dropped_on_the_window(qtbot, tmp_path, monkeypatch, name, taken):
    opened = []
    monkeypatch.setattr(Documents, "open_path", lambda self, path: opened.append(path))
    path = tmp_path / name
    save(path, CONFIG)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    window = QWidget()
    qtbot.addWidget(window)
    window.documents = Documents(Session(tmp_path / "runs", window), Settings(tmp_path / "config"), window)
    where, button, keys = QPoint(5, 5), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(where, Qt.DropAction.CopyAction, data, button, keys)
    entering.ignore()
    MainWindow.dragEnterEvent(window, entering)
    assert entering.isAccepted() == taken
    MainWindow.dropEvent(window, QDropEvent(where.toPointF(), Qt.DropAction.CopyAction, data, button, keys))
    assert opened == ([path] if taken else [])
    window.documents._session.close()
