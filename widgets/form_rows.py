"""Rows of a form: a name, an editor, and a line that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from widgets.field_editors import FieldEditor
from widgets.text_room import scaled

NAMES = 168
"""Width of the column of names, in type of normal size."""


class FormRows(QWidget):
    """Editors below each other, found by name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, scaled(NAMES))
        self._grid.setColumnStretch(1, 1)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._editors: dict[str, FieldEditor] = {}
        self._faults: dict[str, QLabel] = {}
        self._added: dict[str, Any] = {}

    def heading(self, text: str) -> None:
        """Begin a group."""
        label = QLabel(text)
        label.setProperty("strong", True)
        label.setContentsMargins(0, 8, 0, 0)
        self._grid.addWidget(label, self._grid.rowCount(), 0, 1, 2)

    def add(self, name: str, title: str | QWidget, editor: FieldEditor) -> None:
        """Add a row; its title is a text or a control of its own."""
        if isinstance(title, str):
            title = QLabel(title, wordWrap=True)
            title.setProperty("quiet", True)
            title.setToolTip(editor.toolTip())
            title.setBuddy(editor.control)
        fault = QLabel(wordWrap=True)
        fault.hide()
        fault.setProperty("small", True)
        row = self._grid.rowCount()
        self._grid.addWidget(title, row, 0)
        self._grid.addWidget(editor, row, 1)
        self._grid.addWidget(fault, row + 1, 1)
        self._editors[name], self._faults[name], self._added[name] = editor, fault, editor.value()
        editor.refused.connect(partial(self._say, name))

    def editor(self, name: str) -> FieldEditor:
        """Return the editor of a field."""
        return self._editors[name]

    def values(self) -> dict[str, Any]:
        """Return what is entered, by name."""
        return {name: editor.value() for name, editor in self._editors.items()}

    def edited(self) -> dict[str, Any]:
        """Return what is entered where it is not what the row was added with, by name."""
        return {name: value for name, value in self.values().items() if value != self._added[name]}

    def problems(self) -> dict[str, str]:
        """Return why what was entered is no value of its field's kind, by name."""
        return {name: problem for name, editor in self._editors.items() if (problem := editor.problem())}

    def fault(self, name: str) -> str:
        """Return what is said to be wrong with a field; empty if nothing is."""
        return self._faults[name].text()

    def complain(self, problems: Mapping[str, str]) -> None:
        """Say beside each field what is wrong with it, and nothing beside the others."""
        for name in self._faults:
            self._say(name, problems.get(name, ""))
        first = next((name for name in self._editors if name in problems), None)
        if first is not None:
            self._editors[first].setFocus()

    def _say(self, name: str, problem: str) -> None:
        self._faults[name].setText(problem)
        self._faults[name].setVisible(bool(problem))
        self._editors[name].mark_wrong(bool(problem))
