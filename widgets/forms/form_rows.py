"""Rows of a form: a title, an editor, and a line for a problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from widgets.forms.field_editors import FieldEditor
from widgets.forms.field_titles import LabelAndLevel, Level, shows
from widgets.style.text_metrics import scaled

NAMES = 168
"""Width of the column of titles, in pixels at the normal type size."""


ALWAYS = LabelAndLevel("", "simple")
"""Level of a row that every level of detail shows."""


@dataclass(frozen=True, slots=True)
class _Row:
    """The widgets of a field, and what decides whether it is shown."""

    title: QWidget
    editor: FieldEditor
    fault: QLabel
    setting: LabelAndLevel
    default: Any
    initial: Any
    """The value when the row was added."""


class FormRows(QWidget):
    """Editors in rows, accessed by name.

    A row beyond the level of detail is shown, too, if its value is not the default or is invalid.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, scaled(NAMES))
        self._grid.setColumnStretch(1, 1)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._rows: dict[str, _Row] = {}
        self._groups: list[tuple[QLabel, list[str]]] = []
        """Headings, each with the names of the rows below it."""
        self._level: Level = "expert"
        self._shown: set[str] = set()

    def heading(self, text: str) -> None:
        """Begin a group, whose heading is hidden if all its rows are."""
        label = QLabel(text)
        label.setProperty("strong", True)
        label.setContentsMargins(0, 8, 0, 0)
        self._grid.addWidget(label, self._grid.rowCount(), 0, 1, 2)
        self._groups.append((label, []))

    def add(
        self, name: str, title: str | QWidget, editor: FieldEditor, setting: LabelAndLevel = ALWAYS, default: Any = None
    ) -> None:
        """Add a row; its title is a text or a widget."""
        if isinstance(title, str):
            label = QLabel(title, wordWrap=True)
            label.setProperty("quiet", True)
            label.setToolTip(editor.toolTip())
            label.setBuddy(editor.control)
            title = label
        fault = QLabel(wordWrap=True)
        fault.hide()
        fault.setProperty("small", True)
        row_index = self._grid.rowCount()
        self._grid.addWidget(title, row_index, 0)
        self._grid.addWidget(editor, row_index, 1)
        self._grid.addWidget(fault, row_index + 1, 1)
        self._rows[name] = _Row(title, editor, fault, setting, default, editor.value())
        for _, names in self._groups[-1:]:
            names.append(name)
        editor.refused.connect(partial(self._show_problem, name))

    def show_level(self, level: Level) -> None:
        """Show the rows of this level of detail, and every other one whose value is not the default."""
        self._level = level
        self._shown.clear()
        self._reveal()

    @property
    def hidden(self) -> int:
        """Number of rows that the level of detail hides; all have their default."""
        return len(self._rows) - len(self._shown)

    def _reveal(self) -> None:
        """Show the rows of the level. Shown rows stay, so that none vanishes while a person edits it."""
        for name, row in self._rows.items():
            if shows(self._level, row.setting) or row.editor.value() != row.default or row.fault.text():
                self._shown.add(name)
            for part in (row.title, row.editor):
                part.setVisible(name in self._shown)
        for heading, names in self._groups:
            heading.setVisible(not self._shown.isdisjoint(names))

    def editor(self, name: str) -> FieldEditor:
        """Return the editor of a field."""
        return self._rows[name].editor

    def values(self) -> dict[str, Any]:
        """Return the entered values, by name."""
        return {name: row.editor.value() for name, row in self._rows.items()}

    def edited(self) -> dict[str, Any]:
        """Return the entered values that differ from the rows' initial ones, by name."""
        return {name: value for name, value in self.values().items() if value != self._rows[name].initial}

    def problems(self) -> dict[str, str]:
        """Return why entered texts are no values of their fields' types, by name."""
        return {name: problem for name, row in self._rows.items() if (problem := row.editor.problem())}

    def fault(self, name: str) -> str:
        """Return the problem shown below a field; empty if there is none."""
        return self._rows[name].fault.text()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Show these problems below their fields, clear the others, and focus the first one."""
        for name in self._rows:
            self._show_problem(name, problems.get(name, ""))
        first = next((name for name in self._rows if name in problems), None)
        if first is not None:
            self._rows[first].editor.setFocus()

    def _show_problem(self, name: str, problem: str) -> None:
        row = self._rows[name]
        row.fault.setText(problem)
        row.fault.setVisible(bool(problem))
        row.editor.mark_wrong(bool(problem))
        if problem and name not in self._shown:
            self._reveal()
