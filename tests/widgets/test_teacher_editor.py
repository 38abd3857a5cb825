from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from widgets.teacher_editor import TeacherEditor

RUNS = [("mother", Path("/runs/1-mother")), ("daughter", Path("/runs/2-daughter"))]


@pytest.fixture
def editor(qtbot):
    made = TeacherEditor(RUNS, has_expert=True)
    qtbot.addWidget(made)
    made.show_value("")
    return made


def choose(editor, text):
    place = editor.control.findText(text)
    editor.control.setCurrentIndex(place)
    editor.control.activated.emit(place)


@pytest.mark.parametrize("value", ["", "expert", "agent:/runs/2-daughter", "agent:other", "model:some/model", "expret"])
def test_every_teacher_is_given_back_as_it_was_shown(editor, value):
    editor.show_value(value)
    assert editor.value() == value
    assert not editor.is_edited


@pytest.mark.parametrize(
    ("text", "value"), [("the expert of this world", "expert"), ("the agent of ‘mother’", "agent:/runs/1-mother")]
)
def test_a_teacher_is_chosen_from_the_list(editor, text, value):
    choose(editor, text)
    assert editor.value() == value


@pytest.mark.parametrize(("chosen", "value"), [("/files/a.palimpsest", "agent:/files/a.palimpsest"), ("", "expert")])
def test_an_agents_file_is_chosen_by_a_dialog(editor, monkeypatch, chosen, value):
    editor.show_value("expert")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (chosen, ""))
    choose(editor, "an agent's file…")
    assert editor.value() == value


def test_another_teacher_can_be_typed(editor):
    editor.control.setEditText("model:some/model")
    assert editor.value() == "model:some/model"


def test_no_expert_is_offered_where_nobody_has_written_one(qtbot):
    editor = TeacherEditor((), has_expert=False)
    qtbot.addWidget(editor)
    assert editor.control.findData("expert") < 0
