import os
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from agents.config.config_file import find_curriculum, load, save
from agents.events import RunFinished, RunStarted
from app.session.session import Session
from app.window.documents import Documents
from app.window.settings import Settings


@pytest.fixture
def documents(qtbot, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    session = Session(tmp_path / "runs", window)
    instance = Documents(session, Settings(tmp_path / "config"), window)
    instance.notices = []
    session.noticed.connect(instance.notices.append)
    instance.session = session
    instance.begin(None)
    yield instance
    session.close()


@pytest.fixture
def start(qtbot, tmp_path):
    """Opens one more window: `Documents` with its first curriculum."""
    sessions = []

    def begin(name=None):
        window = QWidget()
        qtbot.addWidget(window)
        session = Session(tmp_path / "runs", window)
        sessions.append(session)
        instance = Documents(session, Settings(tmp_path / "config"), window)
        instance.session, instance.notices, instance.offers = session, [], []
        session.noticed.connect(instance.notices.append)
        instance.left_behind.connect(lambda: instance.offers.append(instance.drafts.abandoned()))
        instance.begin(name)
        return instance

    yield begin
    for session in sessions:
        session.close()


def edit_in(documents, title):
    documents.session.curriculum.rename(title)
    documents._write_draft()


def crash(documents):
    """Simulate a killed process: no clean-up, and the system releases its locks."""
    documents.drafts._lock.close()


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


def test_the_demo_is_opened_by_default(documents):
    assert documents.session.curriculum.stages
    assert not documents.is_dirty


def test_a_shipped_curriculum_is_saved_elsewhere_never_over_itself(documents, tmp_path, monkeypatch):
    target = tmp_path / "mine"
    offered = []
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *questions: (offered.append(questions[2]) or str(target), "")
    )
    edit(documents)
    assert documents.save()
    assert Path(offered[0]).parent == Path.home()
    saved = load(target.with_suffix(".toml"))
    assert saved.name == "Edited"
    assert [stage.task for stage in saved.stages] == [stage.task for stage in documents.session.curriculum.stages]
    assert not documents.is_dirty
    assert documents.path == target.with_suffix(".toml")


MISSPELT = '[[stages]]\ntask = "houshold/go-to"'


@pytest.mark.parametrize(("text", "reason"), [("stages = 3", "stages"), (MISSPELT, "did you mean")])
def test_a_file_that_can_not_be_read_is_explained_and_changes_nothing(documents, tmp_path, text, reason):
    before = documents.session.curriculum.stages
    path = tmp_path / "bad.toml"
    path.write_text(text)
    documents.open_path(path)
    assert reason in documents.notices[-1].text
    assert documents.session.curriculum.stages == before


def test_a_place_that_can_not_be_written_is_explained(documents, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "such.toml"), ""))
    assert not documents.save_as()
    assert documents.notices[-1].is_problem


CHANGES = [{}, {"seed": 3}, {"strategy.name": "ewc"}, {"algorithm.name": "a2c"}, {"model.width": 32}]


@pytest.mark.parametrize(("button", "leaves"), [("Don't save", True), ("Cancel", False)])
@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_unsaved_edits_are_asked_about_before_they_go(documents, answer, button, leaves, changes):
    session = documents.session
    if changes:
        session.reconfigure(session.config.changed(changes), changes)
    else:
        edit(documents)
    edited = session.plan()
    answer(button)
    for leave in (documents.new, partial(documents.open_path, find_curriculum("demo"))):
        leave()
        assert (session.plan() != edited) == leaves
    assert documents.is_dirty == (not leaves)
    assert documents.confirm_closing() or not leaves


def test_settings_that_were_saved_or_undone_are_no_edits(documents, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.toml"), ""))
    session = documents.session
    session.reconfigure(session.config.changed({"seed": 3}), {"seed": 3})
    assert documents.is_dirty
    session.curriculum.undo()
    assert not documents.is_dirty
    session.curriculum.redo()
    assert documents.save_as()
    assert not documents.is_dirty
    assert load(tmp_path / "mine.toml").seed == 3


def test_settings_that_a_crash_left_unsaved_come_back(documents, start):
    session = documents.session
    session.reconfigure(session.config.changed({"seed": 3}), {"seed": 3})
    documents._write_draft()
    crash(documents)
    other = start()
    assert other.session.config.seed == 3
    assert other.is_dirty


def test_edits_that_a_crash_left_unsaved_come_back(documents, start):
    edit_in(documents, "Edited")
    crash(documents)
    other = start()
    assert other.session.curriculum.title == "Edited"
    assert other.is_dirty
    assert "Restored" in other.notices[-1].text


@pytest.mark.parametrize("name", [None, "household"])
def test_an_open_window_keeps_its_draft_whatever_another_one_does(documents, start, answer, name):
    edit_in(documents, "Mine")
    other = start(name)
    assert other.session.curriculum.title != "Mine"
    answer("Don't save")
    for leave in (other.new, other.confirm_closing):
        edit_in(other, f"Theirs before {leave.__name__}")
        assert other.drafts.path != documents.drafts.path
        leave()
        assert load(documents.drafts.path).name == "Mine"
    crash(documents)
    assert start().session.curriculum.title == "Mine"


def test_no_draft_of_several_crashed_windows_is_lost(start):
    crashed = [start() for _ in range(3)]
    for number, opened in enumerate(crashed):
        edit_in(opened, f"Edited {number}")
        os.utime(opened.drafts.path, (number, number))
    for opened in crashed:
        crash(opened)
    successor = start()
    assert successor.session.curriculum.title == "Edited 2"
    assert [[load(path).name for path in paths] for paths in successor.offers] == [["Edited 1", "Edited 0"]]
    successor.session.curriculum.mark_saved()
    successor.restore_draft()
    assert successor.session.curriculum.title == "Edited 1"
    assert [load(path).name for path in successor.drafts.abandoned()] == ["Edited 2", "Edited 0"]


def test_a_draft_is_only_offered_if_a_file_was_named_at_launch(documents, start):
    edit_in(documents, "Edited")
    crash(documents)
    other = start("household")
    assert other.session.curriculum.title == load(find_curriculum("household")).name
    assert len(other.offers) == 1
    edit_in(other, "Edited, too")
    crash(other)
    assert start().session.curriculum.title in ("Edited", "Edited, too")


def test_an_unreadable_draft_is_renamed_and_reported(start, tmp_path):
    (tmp_path / "config").mkdir()
    for number in range(2):
        (tmp_path / "config" / "unsaved.toml").write_text(f"name = [{number}")
        opened = start()
        assert opened.session.curriculum.stages
        path = opened.notices[-1].text.removeprefix("A draft can't be read; it is kept in ")
        assert Path(path).read_text() == f"name = [{number}"


def test_closing_regularly_leaves_no_draft(qtbot, documents, answer):
    edit(documents)
    documents._write_draft()
    draft = documents.drafts.path
    assert draft.is_file()
    answer("Don't save")
    assert documents.confirm_closing()
    assert not draft.exists()


def test_the_next_start_opens_what_was_open_last(documents, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.toml"), ""))
    edit(documents)
    documents.save()
    assert documents.confirm_closing()
    documents.new()
    other = Documents(documents.session, Settings(tmp_path / "config"), documents._window)
    other.begin(None)
    assert documents.session.curriculum.title == "Edited"


def has_draft(documents):
    return documents.drafts.path is not None and documents.drafts.path.is_file()


def test_a_draft_is_written_soon_even_during_frequent_edits(qtbot, documents):
    documents._draft_timer.setInterval(300)
    for count in range(12):  # each edit comes before the interval is over
        documents.session.curriculum.rename(f"Edited {count}")
        qtbot.wait(50)
    assert has_draft(documents)


def test_what_was_saved_or_dropped_leaves_no_draft(qtbot, documents, answer, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.toml"), ""))
    documents._draft_timer.setInterval(0)
    for leave in (documents.save, documents.new):
        documents.session.curriculum.rename(f"Edited before {leave.__name__}")
        qtbot.waitUntil(lambda: has_draft(documents))
        answer("Don't save")
        leave()
        qtbot.waitUntil(lambda: not has_draft(documents))


@pytest.fixture
def recorded(runs, config):
    """A stored run of another curriculum."""
    run = runs.create(config)
    list(run.record((RunStarted(step=0, config=config), RunFinished(step=0, reason="stopped"))))
    return run


@pytest.mark.parametrize("is_immediate", [True, False])
def test_edits_become_a_draft_that_is_offered_when_a_run_is_displayed(qtbot, start, recorded, is_immediate):
    documents = start()
    documents.session.curriculum.rename("Edited")
    if not is_immediate:
        documents._write_draft()
    documents.session.open_run(recorded.folder)
    qtbot.waitUntil(lambda: documents.session.state == "stored", timeout=10_000)
    assert [[load(path).name for path in paths] for paths in documents.offers] == [["Edited"]]
    assert not documents.is_dirty


def test_the_curriculum_of_a_run_is_never_saved_over_the_file_that_was_open(
    qtbot, start, recorded, tmp_path, monkeypatch
):
    mine, questions = tmp_path / "mine.toml", []
    save(mine, load(find_curriculum("demo")))
    before = mine.read_bytes()
    documents = start(str(mine))
    documents.session.open_run(recorded.folder)
    qtbot.waitUntil(lambda: documents.session.state == "stored", timeout=10_000)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: questions.append("where to") or ("", ""))
    assert not documents.save()
    assert questions == ["where to"]
    assert mine.read_bytes() == before
    assert documents.confirm_closing()
    assert start().path == mine


def test_undone_edits_leave_no_draft(qtbot, documents):
    documents._draft_timer.setInterval(0)
    edit(documents)
    qtbot.waitUntil(lambda: has_draft(documents))
    documents.session.curriculum.undo()
    qtbot.waitUntil(lambda: not has_draft(documents))
    assert documents.drafts.abandoned() == []


MINE = """\
# my notes
name = "mine"

[[stages]]
task = "household/go-to"  # easy first
steps = 5000
"""


@pytest.fixture
def mine(start, tmp_path):
    """The user's own file, opened in a window."""
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    return start(str(path))


def gate(documents):
    curriculum = documents.session.curriculum
    curriculum.replace(curriculum.stages[0].id, curriculum.stages[0].model_copy(update={"until": 0.9}))


def test_saving_keeps_the_comments_of_a_file(mine):
    gate(mine)
    assert mine.save()
    assert mine.path.read_text() == f"{MINE}until = 0.9\n"
    mine.session.curriculum.undo()
    assert mine.save()
    assert mine.path.read_text() == MINE


@pytest.mark.parametrize(
    ("button", "saved", "steps", "until"),
    [("Cancel", False, 9_000, None), ("Overwrite it", True, 5_000, 0.9), ("Read it again", False, 9_000, None)],
)
def test_overwriting_a_file_that_was_changed_meanwhile_is_confirmed(mine, answer, button, saved, steps, until):
    theirs = MINE.replace("5000", "9000")
    mine.path.write_text(theirs)
    gate(mine)
    answer(button)
    assert mine.save() == saved
    stage = load(mine.path).stages[0]
    assert (stage.steps, stage.until) == (steps, until)
    assert mine.is_dirty == (button == "Cancel")
    assert mine.session.curriculum.stages[0].steps == (9_000 if button == "Read it again" else 5_000)


def test_a_file_that_was_removed_meanwhile_is_written_again(mine):
    mine.path.unlink()
    gate(mine)
    assert mine.save()
    assert "# my notes" in mine.path.read_text()


def test_a_link_to_a_file_stays_one(mine, tmp_path):
    real = mine.path.rename(tmp_path / "real.toml")
    mine.path.symlink_to(real)
    gate(mine)
    assert mine.save()
    assert mine.path.is_symlink()
    assert load(real).stages[0].until == 0.9
