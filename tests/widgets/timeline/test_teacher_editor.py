from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from widgets.timeline.teacher_editor import TeacherEditor

RUNS = [("mother", Path("/runs/1-mother")), ("daughter", Path("/runs/2-daughter"))]


@pytest.fixture
def editor(qtbot):
    editor = TeacherEditor(RUNS, has_expert=True)
    qtbot.addWidget(editor)
    editor.show_value("")
    return editor


def choose(editor, text):
    index = editor.control.findText(text)
    editor.control.setCurrentIndex(index)
    editor.control.activated.emit(index)


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


def test_of_two_runs_with_the_same_name_the_chosen_one_teaches(qtbot):
    editor = TeacherEditor([("mother", Path("/runs/1")), ("mother", Path("/runs/2"))], has_expert=False)
    qtbot.addWidget(editor)
    for folder in ("/runs/2", "/runs/1"):
        index = editor.control.findData(f"agent:{folder}")
        editor.control.setCurrentIndex(index)
        editor.control.activated.emit(index)
        assert editor.value() == f"agent:{folder}"


@pytest.mark.parametrize("value", ["", "expert", "model:some/model", "model:other", "agent:/runs/2-daughter"])
def test_language_models_are_offered_once_they_are_known_and_nothing_is_edited_by_that(editor, value):
    edits = []
    editor.show_value(value)
    editor.edited.connect(lambda: edits.append(editor.value()))
    for _ in range(2):
        editor.offer_models([("some/model", "some/model"), ("shipped", "/models/shipped")])
    assert (editor.value(), editor.is_edited, edits) == (value, False, [])
    choose(editor, "the language model ‘shipped’")
    assert editor.value() == "model:/models/shipped"
    assert editor.control.findText("the language model ‘shipped’") == editor.control.count() - 1


def test_what_is_being_typed_stays_when_models_become_known(editor):
    editor.control.setEditText("model:my")
    editor.offer_models([("some/model", "some/model")])
    assert editor.value() == "model:my"
