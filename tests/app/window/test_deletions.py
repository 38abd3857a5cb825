"""What can't be taken back is asked about with its count, and told once it is done."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMessageBox

from agents.commands import EraseKnowledge, EraseMemories
from agents.events import CommandApplied, KnowledgeChanged, KnowledgeEntry, MemoryChanged, MemoryEntry
from app.proof.proofs import Proofs
from app.window.deletions import FEW
from widgets.requests import TrashRuns

GO_TO, MIRROR = tuple(range(4_096)), tuple(range(5_000, 5_003))


@pytest.fixture
def asked(monkeypatch):
    """What is asked, and the words on the button that is pressed."""

    class Asked(list):
        answer = "Cancel"

    made = Asked()

    def press(box):
        made.append(box.text())
        assert box.defaultButton().text() == "Cancel"
        box.chosen = next(button for button in box.buttons() if button.text() == made.answer)

    monkeypatch.setattr(QMessageBox, "exec", press)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.chosen)
    return made


@pytest.fixture
def lab(qtbot, window, monkeypatch):
    """A window whose run goes on; `put` keeps what the run is asked."""
    window.session.play_or_pause()
    qtbot.waitUntil(lambda: window.session.state == "running", timeout=5_000)
    moments = [
        MemoryEntry(id=i, task_id=int(i >= 5_000), text="x", action="y", reward=0.0, step=0) for i in GO_TO + MIRROR
    ]
    known = tuple(KnowledgeEntry(id=i, sentence=f"s{i}", source="told") for i in range(40))
    window.session.story.fold(MemoryChanged(step=0, added=tuple(moments)))
    window.session.story.fold(KnowledgeChanged(step=0, added=known))
    window.put = []
    monkeypatch.setattr(window.session, "put", window.put.append)
    return window


QUESTIONS = [
    (EraseMemories(ids=GO_TO), "Erase 4,096 moments of Go to?"),
    (EraseMemories(ids=GO_TO[: FEW + 1]), "Erase 6 moments of Go to?"),
    (EraseMemories(ids=(1, *MIRROR, 2, 3)), "Erase 6 moments of Go to, Mirror house?"),
    (EraseMemories(ids=MIRROR), "Erase 3 moments of Mirror house?"),
    (EraseKnowledge(ids=tuple(range(40))), "Erase 40 sentences?"),
    (EraseKnowledge(ids=tuple(range(6))), "Erase 6 sentences?"),
]


@pytest.mark.parametrize(("command", "question"), QUESTIONS)
def test_erasing_many_or_all_is_asked_about_with_the_count(lab, asked, command, question):
    lab.obey(command)
    assert (asked, lab.put) == ([question], [])
    asked.answer = "Erase"
    lab.obey(command)
    assert lab.put == [command]


@pytest.mark.parametrize("command", [EraseMemories(ids=GO_TO[:FEW]), EraseKnowledge(ids=(1, 2))])
def test_a_few_are_erased_unasked(lab, asked, command):
    lab.obey(command)
    assert (asked, lab.put) == ([], [command])


@pytest.mark.parametrize(
    ("command", "change", "said"),
    [
        (EraseMemories(ids=GO_TO), MemoryChanged(step=1, removed=GO_TO), "4,096 moments erased"),
        (EraseMemories(ids=(1,)), MemoryChanged(step=1, removed=(1,)), "One moment erased"),
        (EraseKnowledge(ids=(1, 2)), KnowledgeChanged(step=1, removed=(1, 2)), "2 sentences erased"),
    ],
)
def test_how_much_was_erased_is_said_once_it_is(lab, command, change, said):
    lab.session.asked[command.id] = command
    before, after = replace(change, removed=(8,) * 309), replace(change, removed=(9,) * 209)
    for happened in ((before, CommandApplied(step=1, command=command)), (change, after)):  # as the trainer tells them
        lab.session.live_run.happened.emit(happened)
    assert lab.notice_bar.text.text() == said


@pytest.mark.parametrize(
    ("number", "question"), [(1, "Move ‘Two houses naive 7’ to the trash?"), (2, "Move 2 runs to the trash?")]
)
def test_runs_are_thrown_away_after_a_question(qtbot, window, asked, runs, number, question):
    folders = tuple(runs.create(window.session.plan()).folder for _ in range(number))
    window.session.run_library.refresh()
    qtbot.waitUntil(lambda: window.session.run_library.row(folders[0]) is not None)
    window.obey(TrashRuns(folders))
    assert asked == [question]
    assert all(folder.exists() for folder in folders)
    asked.answer = "To the trash"
    window.obey(TrashRuns(folders))
    assert not any(folder.exists() for folder in folders)
    assert "trash" in window.notice_bar.text.text()


def test_going_back_to_the_start_asks_before_it_ends_a_run(qtbot, lab, asked):
    lab.commands["reset"].trigger()
    assert asked == ["End the run that goes on, and go back to the start?"]
    assert lab.session.is_live
    asked.answer = "End it"
    lab.commands["reset"].trigger()
    assert lab.session.state == "idle"


def test_a_benchmark_is_not_ended_unasked_by_closing(window, asked, monkeypatch):
    monkeypatch.setattr(Proofs, "is_on", True)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()))
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: None)
    assert not window.close()
    assert asked == ["A benchmark is being measured. What it has found so far would be lost."]
    monkeypatch.undo()
