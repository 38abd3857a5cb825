from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field
from PySide6.QtCore import Qt

from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.algorithms import PPOConfig
from agents.config.learning import EpisodicConfig, EvaluationConfig, LearningConfig
from agents.registry import ALGORITHMS, MEMORIES, META, MODELS, STRATEGIES
from widgets.forms.field_editors import field_editor, limits


class Sample(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    switch: bool = True
    """On or off."""
    whole: int = Field(5, ge=1, lt=10)
    """A few."""
    part: float = Field(0.5, gt=0)
    """A share."""
    maybe: float | None = None
    """Perhaps."""
    rounds: int | None = Field(None, ge=2)
    """Perhaps some."""
    word: str = "go"
    """A word."""
    side: Literal["left", "right"] = "right"
    """A side."""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("switch", False),
        ("whole", 7),
        ("part", 1e-5),
        ("maybe", None),
        ("maybe", 0.25),
        ("rounds", None),
        ("rounds", 3),
        ("word", "stop"),
        ("side", "left"),
    ],
)
def test_an_editor_returns_the_value_that_it_shows(qtbot, name, value):
    editor = field_editor(Sample.model_fields[name], name)
    qtbot.addWidget(editor)
    assert editor.value() == getattr(Sample(), name)
    editor.show_value(value)
    assert editor.value() == value
    assert editor.toolTip() == f"{name}: {Sample.model_fields[name].description}"
    assert editor.control.accessibleName() == name.capitalize()


@pytest.mark.parametrize("model", [RunConfig, LearningConfig, PPOConfig, ModelConfig, EpisodicConfig, EvaluationConfig])
def test_every_plain_setting_of_a_run_has_an_editor_that_holds_its_default(qtbot, model):
    for name, field in model.model_fields.items():
        if not isinstance(getattr(model(), name), BaseModel | tuple):
            editor = field_editor(field, name)
            qtbot.addWidget(editor)
            assert editor.value() == getattr(model(), name), name


def test_limits_are_those_of_the_field():
    assert limits(Sample.model_fields["whole"]) == (1, 9)
    assert limits(RunConfig.model_fields["seed"]) == (0, 2**31 - 1)


def test_an_edit_is_reported_once_when_it_is_finished(qtbot):
    editor = field_editor(Sample.model_fields["part"], "part")
    qtbot.addWidget(editor)
    reports = []
    editor.edited.connect(lambda: reports.append(editor.value()))
    editor.control.clear()
    qtbot.keyClicks(editor.control, "0.25")
    assert reports == []
    editor.control.editingFinished.emit()
    editor.control.editingFinished.emit()
    assert reports == [0.25]


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("switch", st.booleans()),
        ("whole", st.integers(-(2**70), 2**70)),
        ("part", NUMBERS),
        ("maybe", st.none() | NUMBERS),
        ("rounds", st.none() | st.integers(-(2**70), 2**70)),
        ("word", st.text()),
        ("side", st.sampled_from(["left", "right"])),
    ],
)
def test_an_unedited_value_is_returned_exactly(qtbot, name, values):
    editor = field_editor(Sample.model_fields[name], name)
    qtbot.addWidget(editor)
    reports = []
    editor.refused.connect(reports.append)

    @given(values)
    def check(value):
        editor.show_value(value)
        with qtbot.assertNotEmitted(editor.edited):
            qtbot.keyClick(editor.control, Qt.Key.Key_Return)
        assert editor.value() == value
        assert type(editor.value()) is type(value)
        assert editor.problem() == ""

    check()
    assert reports == []


@pytest.mark.parametrize("kind", [RunConfig, LearningConfig, *ALGORITHMS, *STRATEGIES, *META, *MEMORIES, *MODELS])
def test_moving_through_a_form_by_the_keyboard_edits_nothing(qtbot, kind):
    for name, field in kind.model_fields.items():
        value = field.get_default(call_default_factory=True)
        if field.is_required() or isinstance(value, BaseModel | tuple):
            continue
        editor = field_editor(field, name)
        qtbot.addWidget(editor)
        with qtbot.assertNotEmitted(editor.edited):
            for key in (Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                qtbot.keyClick(editor.control, key)
        assert editor.value() == value
        assert not editor.is_edited


@pytest.mark.parametrize(("name", "text"), [("whole", "-5abc99999999999999"), ("part", "0,5"), ("maybe", "x")])
def test_an_invalid_entry_is_no_edit_and_is_reported(qtbot, name, text):
    editor = field_editor(Sample.model_fields[name], name)
    qtbot.addWidget(editor)
    reports = []
    editor.refused.connect(reports.append)
    line = editor.control.lineEdit() if name == "whole" else editor.control
    line.selectAll()
    with qtbot.assertNotEmitted(editor.edited):
        qtbot.keyClicks(editor.control, text)
        qtbot.keyClick(editor.control, Qt.Key.Key_Return)
    assert f"‘{text}’ is refused" in reports[-1]
    assert editor.problem() == reports[-1]
