"""What there is can be picked; what is typed stays as it was typed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.models import ModelFacts
from agents.models.catalogue import ModelChoice
from widgets.forms.choice_editors import PICKED, PickEditor, editor_of
from widgets.forms.field_titles import field_label
from widgets.models.models_panel import ModelsPanel
from widgets.requests import ExamineModel, ListModels
from widgets.settings.settings_panel import SettingsPanel

LAYERS = [(name, name) for name in ("k_proj", "q_proj", "v_proj")]
SOURCES = [("some/model", "some/model"), ("shipped", "/models/shipped")]


@pytest.fixture
def made(qtbot):
    def make(name, offers):
        editor = editor_of(PretrainedConfig, name, PretrainedConfig.model_fields[name], name)
        qtbot.addWidget(editor)
        editor.offer(offers)
        with qtbot.waitActive(editor):
            editor.show()
            editor.activateWindow()
        editor.told = []
        editor.edited.connect(lambda: editor.told.append(editor.value()))
        return editor

    return make


def pick(editor, place):
    editor.control.setCurrentIndex(place)
    editor.control.activated.emit(place)


def test_a_source_is_picked_from_the_list_and_stands_in_the_line_as_it_is_stored(made):
    editor = made("source", SOURCES)
    pick(editor, 1)
    assert (editor.value(), editor.control.currentText(), editor.told) == (
        *["/models/shipped"] * 2,
        ["/models/shipped"],
    )


@pytest.mark.parametrize("chosen", ["/there/model", ""])
@pytest.mark.parametrize(("place", "method"), [(2, "getExistingDirectory"), (3, "getOpenFileName")])
def test_a_folder_or_a_file_is_looked_for(made, monkeypatch, place, method, chosen):
    answer = (chosen, "") if method == "getOpenFileName" else chosen
    monkeypatch.setattr(QFileDialog, method, lambda *_: answer)
    editor = made("source", SOURCES)
    editor.show_value("old/model")
    pick(editor, place)
    assert editor.value() == (chosen or "old/model")
    assert editor.told == ([chosen] if chosen else [])


def test_layers_are_put_together_one_by_one_and_taken_away_again(made):
    editor = made("target_modules", LAYERS)
    for place, value in ((2, "q_proj"), (3, "q_proj, v_proj"), (2, "v_proj"), (0, "")):
        pick(editor, place)
        assert editor.value() == value
        ticked = [editor.control.itemText(at)[2:] for at in range(1, 4) if editor.control.itemText(at)[0] == "✓"]
        assert ", ".join(ticked) == value
    assert len(editor.told) == 4


@pytest.mark.parametrize(("name", "offers"), [("source", SOURCES), ("target_modules", LAYERS)])
@pytest.mark.parametrize("text", ["q_proj", "some/model", "sh", "/typed/path", "a, b"])
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_what_is_typed_is_told_once_and_as_it_is(qtbot, made, name, offers, text, key):
    editor = made(name, offers)
    editor.control.setFocus()
    qtbot.keyClicks(editor.control.lineEdit(), text)
    qtbot.keyClick(editor.control.lineEdit(), key)
    editor.control.clearFocus()
    assert (editor.value(), editor.told) == (text, [text])
    editor.control.setFocus()
    editor.control.clearFocus()
    assert (editor.value(), editor.told) == (text, [text])


@pytest.mark.parametrize("name", ["source", "target_modules"])
def test_new_offers_leave_what_is_entered_and_are_no_edit(made, name):
    editor = made(name, ())
    editor.show_value("old/model")
    editor.offer(SOURCES)
    assert (editor.value(), editor.is_edited, editor.told) == ("old/model", False, [])


@pytest.mark.parametrize("name", ["source", "target_modules"])
def test_the_tooltip_tells_all_of_what_is_entered(made, name):
    editor = made(name, SOURCES)
    editor.show_value("a/very/long/path" * 9)
    assert editor.control.lineEdit().toolTip() == f"{'a/very/long/path' * 9}\n{editor.toolTip()}"
    pick(editor, 0 if name == "source" else 1)
    assert editor.control.lineEdit().toolTip().startswith(editor.value())


def test_every_picked_setting_is_one_of_a_form(qtbot):
    model = PretrainedConfig(source="some/model")
    form = SettingsPanel()
    qtbot.addWidget(form)
    form.show_config(RunConfig.model_construct(**{**dict(RunConfig()), "model": model}))
    editors = form._sections["model"]._form._editors
    assert {f"PretrainedConfig.{name}" for name, one in editors.items() if isinstance(one, PickEditor)} == set(PICKED)
    assert all(editors[name].control.accessibleName() == field_label(type(model), name) for name in editors)


def offered(form, name):
    editor = form._sections["model"]._form._editors[name]
    return [editor.control.itemData(at) for at in range(editor.control.count())]


def test_the_settings_ask_for_what_there_is_and_offer_it_in_every_language(qtbot):
    config = RunConfig.model_construct(**{**dict(RunConfig()), "model": PretrainedConfig(source="some/model")})
    form = SettingsPanel()
    qtbot.addWidget(form)
    asked = []
    form.requested.connect(asked.append)
    form.show_config(config)
    assert asked == []  # nobody looks
    form.show()
    assert asked == [ListModels(), ExamineModel(config.model)]
    form.show_choices((ModelChoice("shipped", "shipped", PretrainedConfig(source="/models/shipped")),))
    form.show_facts(config.model, ModelFacts(name="m", origin="", linear=("q_proj",)))
    form.retranslate()
    assert "/models/shipped" in offered(form, "source")
    assert "q_proj" in offered(form, "target_modules")
    form.show_config(config)
    assert len(asked) == 2


def test_the_panel_of_models_offers_the_layers_of_the_chosen_one(qtbot):
    panel = ModelsPanel()
    qtbot.addWidget(panel)
    model = PretrainedConfig(source="some/model")
    panel.add_choice(ModelChoice("named", "some/model", model))
    panel.show_facts(model, ModelFacts(name="m", origin="", linear=("q_proj",)))
    assert panel._form._editors["target_modules"].control.findData("q_proj") > 0
