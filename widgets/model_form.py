"""A form for one pydantic model: a loop over its fields."""

from __future__ import annotations

from functools import partial
from typing import Any

from pydantic import BaseModel
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from widgets.field_editors import FieldEditor, field_editor, field_title
from widgets.words import tr

WIDTH = 128
"""Of an editor, in pixels: numbers and single words are short."""


class ModelForm(QWidget):
    """A label and an editor a field, and under them a line for what is wrong with the value.

    Signals:
        edited: str, object: a person gave this field this value.
    """

    edited = Signal(str, object)

    def __init__(self, model: BaseModel, fields: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editors: dict[str, FieldEditor] = {}
        self._problems: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(6)
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(0, 1)
        for place, key in enumerate(fields):
            self._add(2 * place, key, model)
        self.show_model(model)

    def show_model(self, model: BaseModel) -> None:
        """Show the values of `model`."""
        for key, editor in self._editors.items():
            value = getattr(model, key)
            if editor.value() != value:
                with QSignalBlocker(editor):
                    editor.show_value(value)
            self.blame(key, "")

    def blame(self, key: str, problem: str) -> None:
        """Say what is wrong with the value of a field; an empty text takes it back."""
        self._editors[key].mark_wrong(bool(problem))
        self._problems[key].setText(problem)
        self._problems[key].setVisible(bool(problem))

    def _add(self, row: int, key: str, model: BaseModel) -> None:
        field = type(model).model_fields[key]
        editor = field_editor(field, key)
        editor.setFixedWidth(WIDTH)
        editor.edited.connect(partial(self._tell, key))
        editor.refused.connect(partial(self.blame, key))
        label = QLabel(field_title(key), self, wordWrap=True)
        label.setToolTip(tr(field.description or ""))
        label.setBuddy(editor.control)
        problem = QLabel(self, wordWrap=True)
        problem.hide()
        problem.setProperty("problem", True)
        self._editors[key], self._problems[key] = editor, problem
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(editor, row, 1)
        self._grid.addWidget(problem, row + 1, 0, 1, 2)

    def _tell(self, key: str) -> None:
        value: Any = self._editors[key].value()
        self.edited.emit(key, value)
