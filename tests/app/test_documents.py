import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from agents.config_file import find_curriculum, load
from app.documents import Documents
from app.session import Session
from app.settings import Settings


@pytest.fixture
def documents(qtbot, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    session = Session(tmp_path / "runs", window)
    made = Documents(session, Settings(tmp_path / "config"), window)
    made.notices = []
    session.noticed.connect(made.notices.append)
    made.session = session
    made.begin(None)
    yield made
    session.close()


@pytest.fixture
def answer(monkeypatch):
    """Press the button of this text in every question."""

    def press(box, text):
        box.chosen = next(button for button in box.buttons() if button.text() == text)

    def choose(text):
        monkeypatch.setattr(QMessageBox, "exec", lambda box: press(box, text))
        monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.chosen)

    return choose


def edit(documents):
    documents.session.curriculum.rename("Edited")


def test_the_demonstration_is_opened_where_nothing_was_asked_for(documents):
    assert documents.session.curriculum.stages
    assert not documents.is_dirty


def test_a_shipped_curriculum_is_saved_elsewhere_never_over_itself(documents, tmp_path, monkeypatch):
    target = tmp_path / "mine"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    edit(documents)
    assert documents.save()
    saved = load(target.with_suffix(".toml"))
    assert saved.name == "Edited"
    assert [stage.task for stage in saved.stages] == [stage.task for stage in documents.session.curriculum.stages]
    assert not documents.is_dirty
    assert documents.path == target.with_suffix(".toml")


MISSPELT = '[[stages]]\ntask = "houshold/go-to"'


@pytest.mark.parametrize(("text", "said"), [("stages = 3", "stages"), (MISSPELT, "did you mean")])
def test_a_file_that_can_not_be_read_is_explained_and_changes_nothing(documents, tmp_path, text, said):
    before = documents.session.curriculum.stages
    path = tmp_path / "bad.toml"
    path.write_text(text)
    documents.open_path(path)
    assert said in documents.notices[-1].text
    assert documents.session.curriculum.stages == before


def test_a_place_that_can_not_be_written_is_explained(documents, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "such.toml"), ""))
    assert not documents.save_as()
    assert documents.notices[-1].is_problem


@pytest.mark.parametrize(("button", "leaves"), [("Don't save", True), ("Cancel", False)])
def test_unsaved_edits_are_asked_about_before_they_go(documents, answer, button, leaves):
    edit(documents)
    answer(button)
    documents.new()
    assert (documents.session.curriculum.title == "Untitled") == leaves


def test_edits_that_a_crash_left_unsaved_come_back(qtbot, documents, tmp_path):
    edit(documents)
    documents._drafting.setInterval(0)
    documents._note()
    qtbot.waitUntil(documents._draft.is_file)
    other = Documents(documents.session, Settings(tmp_path / "config"), documents._window)
    other.begin(None)
    assert documents.session.curriculum.title == "Edited"
    assert other.is_dirty
    assert "Brought back" in documents.notices[-1].text


def test_closing_in_good_order_leaves_no_draft(qtbot, documents, answer):
    edit(documents)
    documents._put_aside()
    assert documents._draft.is_file()
    answer("Don't save")
    assert documents.may_close()
    assert not documents._draft.exists()


def test_the_next_start_opens_what_was_open_last(documents, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.toml"), ""))
    edit(documents)
    documents.save()
    assert documents.may_close()
    documents.new()
    other = Documents(documents.session, Settings(tmp_path / "config"), documents._window)
    other.begin(None)
    assert documents.session.curriculum.title == "Edited"


def test_a_draft_is_put_aside_soon_however_often_one_edits(qtbot, documents):
    documents._drafting.setInterval(300)
    for count in range(12):  # each edit comes before the interval is over
        documents.session.curriculum.rename(f"Edited {count}")
        qtbot.wait(50)
    assert documents._draft.is_file()


def test_what_was_saved_or_dropped_leaves_no_draft(qtbot, documents, answer, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.toml"), ""))
    documents._drafting.setInterval(0)
    for leave in (documents.save, documents.new):
        documents.session.curriculum.rename(f"Edited before {leave.__name__}")
        qtbot.waitUntil(documents._draft.is_file)
        answer("Don't save")
        leave()
        qtbot.waitUntil(lambda: not documents._draft.exists())


@pytest.mark.parametrize(("name", "content"), [("demo", "name = 'Mine'"), (None, "name = [")])
def test_a_draft_that_is_not_opened_is_kept_and_its_place_is_told(documents, name, content):
    documents._draft.parent.mkdir(parents=True, exist_ok=True)
    documents._draft.write_text(content)
    documents.begin(name)
    kept = documents._draft.with_name("unsaved-before.toml")
    assert kept.read_text() == content
    assert str(kept) in documents.notices[-1].text
    assert documents.session.curriculum.stages


def test_edits_are_kept_when_a_run_comes_to_the_front(qtbot, documents):
    documents._drafting.setInterval(0)
    edit(documents)
    qtbot.waitUntil(documents._draft.is_file)
    documents.session.load(load(find_curriculum("demo")))  # as opening a run, or going on with one does
    qtbot.waitUntil(lambda: not documents._draft.exists())
    assert load(documents._draft.with_name("unsaved-before.toml")).name == "Edited"


def test_edits_that_were_taken_back_leave_no_file(qtbot, documents):
    documents._drafting.setInterval(0)
    edit(documents)
    qtbot.waitUntil(documents._draft.is_file)
    documents.session.curriculum.undo()
    qtbot.waitUntil(lambda: not documents._draft.exists())
    assert not documents._draft.with_name("unsaved-before.toml").exists()
