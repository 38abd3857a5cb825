from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from agents.config import EpisodicConfig, EvaluationConfig, LearningConfig, ModelConfig, PPOConfig, RunConfig
from widgets.field_editors import field_editor, limits


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
def test_an_editor_gives_back_what_it_was_shown(qtbot, name, value):
    editor = field_editor(Sample.model_fields[name], name)
    qtbot.addWidget(editor)
    assert editor.value() == getattr(Sample(), name)
    editor.show_value(value)
    assert editor.value() == value
    assert editor.toolTip() == Sample.model_fields[name].description
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


def test_an_edit_is_told_once_when_it_is_done(qtbot):
    editor = field_editor(Sample.model_fields["part"], "part")
    qtbot.addWidget(editor)
    told = []
    editor.edited.connect(lambda: told.append(editor.value()))
    editor.control.clear()
    qtbot.keyClicks(editor.control, "0.25")
    assert told == []
    editor.control.editingFinished.emit()
    editor.control.editingFinished.emit()
    assert told == [0.25]
