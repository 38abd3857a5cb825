"""Irreversible deletions are confirmed with their count, and reported once they are done."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMessageBox

from agents.commands import EraseKnowledge, EraseMemories
from agents.events import CommandApplied, KnowledgeChanged, KnowledgeEntry, MemoryChanged, MemoryEntry
from app.proof.proofs import BenchmarkRunner
from app.window.deletions import UNCONFIRMED_LIMIT
from widgets.requests import TrashRuns

GO_TO, MIRROR = tuple(range(4_096)), tuple(range(5_000, 5_003))


@pytest.fixture
def questions(monkeypatch):
    """The texts of the questions; `answer` is the text of the button that is pressed."""

    class Questions(list):
        answer = "Cancel"

    instance = Questions()

    def press(box):
        instance.append(box.text())
        assert box.defaultButton().text() == "Cancel"
        box.chosen = next(button for button in box.buttons() if button.text() == instance.answer)

    monkeypatch.setattr(QMessageBox, "exec", press)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.chosen)
    return instance


@pytest.fixture
def running_window(qtbot, window, monkeypatch):
    """A window with an active run; `put` lists the commands to the run."""
    window.session.play_or_pause()
    qtbot.waitUntil(lambda: window.session.state == "running", timeout=5_000)
    memories = [
        MemoryEntry(id=i, task_id=int(i >= 5_000), text="x", action="y", reward=0.0, step=0) for i in GO_TO + MIRROR
    ]
    knowledge = tuple(KnowledgeEntry(id=i, sentence=f"s{i}", source="environment") for i in range(40))
    window.session.story.fold(MemoryChanged(step=0, added=tuple(memories)))
    window.session.story.fold(KnowledgeChanged(step=0, added=knowledge))
    window.put = []
    monkeypatch.setattr(window.session, "put", window.put.append)
    return window


QUESTIONS = [
    (EraseMemories(ids=GO_TO), "Erase 4,096 memories of Go to?"),
    (EraseMemories(ids=GO_TO[: UNCONFIRMED_LIMIT + 1]), "Erase 6 memories of Go to?"),
    (EraseMemories(ids=(1, *MIRROR, 2, 3)), "Erase 6 memories of Go to, Mirror house?"),
    (EraseMemories(ids=MIRROR), "Erase 3 memories of Mirror house?"),
    (EraseKnowledge(ids=tuple(range(40))), "Erase 40 sentences?"),
    (EraseKnowledge(ids=tuple(range(6))), "Erase 6 sentences?"),
]


@pytest.mark.parametrize(("command", "question"), QUESTIONS)
def test_erasing_many_or_all_is_asked_about_with_the_count(running_window, questions, command, question):
    running_window.execute(command)
    assert (questions, running_window.put) == ([question], [])
    questions.answer = "Erase"
    running_window.execute(command)
    assert running_window.put == [command]


@pytest.mark.parametrize("command", [EraseMemories(ids=GO_TO[:UNCONFIRMED_LIMIT]), EraseKnowledge(ids=(1, 2))])
def test_few_entries_are_erased_without_confirmation(running_window, questions, command):
    running_window.execute(command)
    assert (questions, running_window.put) == ([], [command])


@pytest.mark.parametrize(
    ("command", "change", "text"),
    [
        (EraseMemories(ids=GO_TO), MemoryChanged(step=1, removed=GO_TO), "4,096 memories erased"),
        (EraseMemories(ids=(1,)), MemoryChanged(step=1, removed=(1,)), "One memory erased"),
        (EraseKnowledge(ids=(1, 2)), KnowledgeChanged(step=1, removed=(1, 2)), "2 sentences erased"),
    ],
)
def test_the_number_of_erased_entries_is_reported(running_window, command, change, text):
    running_window.session.sent_commands[command.id] = command
    before, after = replace(change, removed=(8,) * 309), replace(change, removed=(9,) * 209)
    for events in ((before, CommandApplied(step=1, command=command)), (change, after)):  # in the order of the trainer
        running_window.session.live_run.events_received.emit(events)
    assert running_window.notice_bar.text.text() == text


@pytest.mark.parametrize(
    ("number", "question"), [(1, "Move ‘Two houses naive 7’ to the trash?"), (2, "Move 2 runs to the trash?")]
)
def test_runs_are_deleted_after_a_confirmation(qtbot, window, questions, runs, number, question):
    folders = tuple(runs.create(window.session.plan()).folder for _ in range(number))
    window.session.run_library.refresh()
    qtbot.waitUntil(lambda: window.session.run_library.row(folders[0]) is not None)
    window.execute(TrashRuns(folders))
    assert questions == [question]
    assert all(folder.exists() for folder in folders)
    questions.answer = "To the trash"
    window.execute(TrashRuns(folders))
    assert not any(folder.exists() for folder in folders)
    assert "trash" in window.notice_bar.text.text()


def test_going_back_to_the_start_asks_before_it_ends_a_run(qtbot, running_window, questions):
    running_window.commands["reset"].trigger()
    assert questions == ["Stop the active run, and go back to the start?"]
    assert running_window.session.is_live
    questions.answer = "End it"
    running_window.commands["reset"].trigger()
    assert running_window.session.state == "idle"


def test_closing_asks_before_it_stops_a_benchmark(window, questions, monkeypatch):
    monkeypatch.setattr(BenchmarkRunner, "is_running", True)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: questions.append(box.text()))
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: None)
    assert not window.close()
    assert questions == ["A benchmark is running. Its results so far would be lost."]
    monkeypatch.undo()
