"""Suggestions can be picked, and typed text stays as it was typed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.models import ModelFacts
from agents.models.catalogue import ModelChoice
from widgets.forms.choice_editors import PICK_EDITORS, PickEditor, editor_of
from widgets.forms.field_titles import field_label
from widgets.models.models_panel import ModelsPanel
from widgets.requests import ExamineModel, ListModels
from widgets.settings.settings_panel import SettingsPanel

LAYERS = [(name, name) for name in ("k_proj", "q_proj", "v_proj")]
SOURCES = [("some/model", "some/model"), ("shipped", "/models/shipped")]


@pytest.fixture
def make_editor(qtbot):
    def make(name, offers):
        editor = editor_of(PretrainedConfig, name, PretrainedConfig.model_fields[name], name)
        qtbot.addWidget(editor)
        editor.offer(offers)
        with qtbot.waitActive(editor):
            editor.show()
            editor.activateWindow()
        editor.edits = []
        editor.edited.connect(lambda: editor.edits.append(editor.value()))
        return editor

    return make


def pick(editor, index):
    editor.control.setCurrentIndex(index)
    editor.control.activated.emit(index)


def test_a_picked_source_is_written_into_the_line_as_it_is_stored(make_editor):
    editor = make_editor("source", SOURCES)
    pick(editor, 1)
    assert (editor.value(), editor.control.currentText(), editor.edits) == (
        *["/models/shipped"] * 2,
        ["/models/shipped"],
    )


@pytest.mark.parametrize("chosen", ["/there/model", ""])
@pytest.mark.parametrize(("index", "method"), [(2, "getExistingDirectory"), (3, "getOpenFileName")])
def test_a_folder_or_a_file_is_chosen_in_a_dialog(make_editor, monkeypatch, index, method, chosen):
    result = (chosen, "") if method == "getOpenFileName" else chosen
    monkeypatch.setattr(QFileDialog, method, lambda *_: result)
    editor = make_editor("source", SOURCES)
    editor.show_value("old/model")
    pick(editor, index)
    assert editor.value() == (chosen or "old/model")
    assert editor.edits == ([chosen] if chosen else [])


def test_picking_adds_a_layer_or_removes_it(make_editor):
    editor = make_editor("target_modules", LAYERS)
    for index, value in ((2, "q_proj"), (3, "q_proj, v_proj"), (2, "v_proj"), (0, "")):
        pick(editor, index)
        assert editor.value() == value
        ticked = [editor.control.itemText(row)[2:] for row in range(1, 4) if editor.control.itemText(row)[0] == "✓"]
        assert ", ".join(ticked) == value
    assert len(editor.edits) == 4


@pytest.mark.parametrize(("name", "offers"), [("source", SOURCES), ("target_modules", LAYERS)])
@pytest.mark.parametrize("text", ["q_proj", "some/model", "sh", "/typed/path", "a, b"])
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_typed_text_is_reported_once_and_unchanged(qtbot, make_editor, name, offers, text, key):
    editor = make_editor(name, offers)
    editor.control.setFocus()
    qtbot.keyClicks(editor.control.lineEdit(), text)
    qtbot.keyClick(editor.control.lineEdit(), key)
    editor.control.clearFocus()
    assert (editor.value(), editor.edits) == (text, [text])
    editor.control.setFocus()
    editor.control.clearFocus()
    assert (editor.value(), editor.edits) == (text, [text])


@pytest.mark.parametrize("name", ["source", "target_modules"])
def test_new_suggestions_keep_the_text_and_are_no_edit(make_editor, name):
    editor = make_editor(name, ())
    editor.show_value("old/model")
    editor.offer(SOURCES)
    assert (editor.value(), editor.is_edited, editor.edits) == ("old/model", False, [])


@pytest.mark.parametrize("name", ["source", "target_modules"])
def test_the_tooltip_has_the_whole_text(make_editor, name):
    editor = make_editor(name, SOURCES)
    editor.show_value("a/very/long/path" * 9)
    assert editor.control.lineEdit().toolTip() == f"{'a/very/long/path' * 9}\n{editor.toolTip()}"
    pick(editor, 0 if name == "source" else 1)
    assert editor.control.lineEdit().toolTip().startswith(editor.value())


def test_every_row_of_the_table_is_a_setting_of_a_form(qtbot):
    model = PretrainedConfig(source="some/model")
    form = SettingsPanel()
    qtbot.addWidget(form)
    form.show_config(RunConfig.model_construct(**{**dict(RunConfig()), "model": model}))
    editors = form._sections["model"]._form._editors
    assert {f"PretrainedConfig.{name}" for name, editor in editors.items() if isinstance(editor, PickEditor)} == set(
        PICK_EDITORS
    )
    assert all(editors[name].control.accessibleName() == field_label(type(model), name) for name in editors)


def offered(form, name):
    editor = form._sections["model"]._form._editors[name]
    return [editor.control.itemData(row) for row in range(editor.control.count())]


def test_the_settings_request_suggestions_when_visible_and_keep_them_in_another_language(qtbot):
    config = RunConfig.model_construct(**{**dict(RunConfig()), "model": PretrainedConfig(source="some/model")})
    form = SettingsPanel()
    qtbot.addWidget(form)
    requests = []
    form.requested.connect(requests.append)
    form.show_config(config)
    assert requests == []  # not visible yet
    form.show()
    assert requests == [ListModels(), ExamineModel(config.model)]
    form.show_choices((ModelChoice("shipped", "shipped", PretrainedConfig(source="/models/shipped")),))
    form.show_facts(config.model, ModelFacts(name="m", origin="", linear=("q_proj",)))
    form.retranslate()
    assert "/models/shipped" in offered(form, "source")
    assert "q_proj" in offered(form, "target_modules")
    form.show_config(config)
    assert len(requests) == 2


def test_the_panel_of_models_offers_the_layers_of_the_chosen_one(qtbot):
    panel = ModelsPanel()
    qtbot.addWidget(panel)
    model = PretrainedConfig(source="some/model")
    panel.add_choice(ModelChoice("named", "some/model", model))
    panel.show_facts(model, ModelFacts(name="m", origin="", linear=("q_proj",)))
    assert panel._form._editors["target_modules"].control.findData("q_proj") > 0
