"""A form for one pydantic model: a loop over its fields."""

from __future__ import annotations

from functools import partial
from typing import Any

from pydantic import BaseModel
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from widgets.forms.choice_editors import Offers, PickEditor, editor_of
from widgets.forms.field_editors import FieldEditor
from widgets.forms.field_titles import Level, field_label, label_and_level, shows

WIDTH = 128
"""Width of an editor for numbers and single words, in pixels."""
WIDE = 200
"""Width of an editor for paths and lists of names."""


class ModelForm(QWidget):
    """A label and an editor for each field, with a line for a problem below.

    Signals:
        edited: str, object: field and value that a person entered.
    """

    edited = Signal(str, object)

    def __init__(
        self, model: BaseModel, fields: tuple[str, ...], parent: QWidget | None = None, *, level: Level = "expert"
    ) -> None:
        super().__init__(parent)
        self._editors: dict[str, FieldEditor] = {}
        self._labels: dict[str, QLabel] = {}
        self._problems: dict[str, QLabel] = {}
        self._kind, self._level = type(model), level
        self._shown: set[str] = set()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(6)
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(0, 1)
        for row_index, key in enumerate(fields):
            self._add(2 * row_index, key, model)
        self.show_model(model)

    def show_model(self, model: BaseModel) -> None:
        """Show the values of `model`."""
        for key, editor in self._editors.items():
            value = getattr(model, key)
            if editor.value() != value:
                with QSignalBlocker(editor):
                    editor.show_value(value)
            self.show_problem(key, "")
        self._reveal()

    def offer(self, key: str, offers: Offers) -> None:
        """Give a field suggestions, if its editor takes them."""
        editor = self._editors.get(key)
        if isinstance(editor, PickEditor):
            editor.offer(offers)

    def show_level(self, level: Level) -> None:
        """Show the settings of this level of detail, and every other one whose value is not the default."""
        self._level = level
        self._shown.clear()
        self._reveal()

    @property
    def hidden(self) -> int:
        """Number of settings that the level of detail hides; all have their default."""
        return len(self._editors) - len(self._shown)

    @property
    def is_empty(self) -> bool:
        """Whether no setting is shown."""
        return not self._shown

    def _reveal(self) -> None:
        """Show the rows of the level. Shown rows stay, so that none vanishes while a person edits it."""
        for key, editor in self._editors.items():
            default = self._kind.model_fields[key].get_default(call_default_factory=True)
            if shows(self._level, label_and_level(self._kind, key)) or editor.value() != default:
                self._shown.add(key)
            for part in (self._labels[key], editor):
                part.setVisible(key in self._shown)

    def show_problem(self, key: str, problem: str) -> None:
        """Show a problem below a field; an empty text clears it."""
        if problem and key not in self._shown:
            self._shown.add(key)
            self._reveal()
        self._editors[key].mark_wrong(bool(problem))
        self._problems[key].setText(problem)
        self._problems[key].setVisible(bool(problem))

    def _add(self, row: int, key: str, model: BaseModel) -> None:
        field = type(model).model_fields[key]
        editor = editor_of(type(model), key, field, field_label(type(model), key))
        editor.setFixedWidth(WIDE if isinstance(editor, PickEditor) else WIDTH)
        editor.edited.connect(partial(self._report_edit, key))
        editor.refused.connect(partial(self.show_problem, key))
        label = QLabel(field_label(type(model), key), self, wordWrap=True)
        label.setToolTip(editor.toolTip())
        label.setBuddy(editor.control)
        problem = QLabel(self, wordWrap=True)
        problem.hide()
        problem.setProperty("problem", True)
        self._editors[key], self._labels[key], self._problems[key] = editor, label, problem
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(editor, row, 1)
        self._grid.addWidget(problem, row + 1, 0, 1, 2)

    def _report_edit(self, key: str) -> None:
        value: Any = self._editors[key].value()
        self.edited.emit(key, value)
