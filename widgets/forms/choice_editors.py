"""Editors with a list of suggestions, such as the models on this machine, and a line of text for any other value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from widgets.forms.field_editors import FieldEditor, field_editor
from widgets.style.translation import tr
from widgets.style.wheel_controls import ComboBox

Offers = Sequence[tuple[str, str]]
"""Suggestions: each a title and its value."""
_FOLDER, _FILE = "a folder is to be chosen", "a file is to be chosen"
_MARGIN = 36
"""Width of a list besides its widest text, in pixels."""


class _WideList(ComboBox):
    def showPopup(self) -> None:  # noqa: N802
        """Open the list as wide as its widest text, even if the box is narrower."""
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + _MARGIN)
        super().showPopup()


class PickEditor(FieldEditor):
    """An editable combo box: a picked value is written into its line of text, where it can be edited."""

    def __init__(self, field: FieldInfo, parent: QWidget | None = None) -> None:
        self._box = _WideList()
        super().__init__(self._box, parent)
        self._box.setEditable(True)
        line = (
            self._box.lineEdit()
        )  # Qt's own line edit: the style sheet would give another one the padding of a separate field
        assert line is not None, "an editable combo box has a line edit"
        self._line: QLineEdit = line
        self._box.setInsertPolicy(ComboBox.InsertPolicy.NoInsert)
        self._box.setCompleter(None)  # type: ignore[arg-type]  # a completer would append text to what is typed
        self._box.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._reported = ""
        self._box.activated.connect(self._pick)
        self._line.editingFinished.connect(self._report_edit)
        self.offer(())

    def describe(self, name: str, field: FieldInfo, label: str) -> None:
        """Take the field's name and docstring as tooltip, after the whole text, which may be cut off in the line."""
        super().describe(name, field, label)
        self._write(self._box.currentText())

    def offer(self, offers: Offers) -> None:
        """Replace the suggestions; the entered text stays."""
        text = self._box.currentText()
        with QSignalBlocker(self._box), QSignalBlocker(self._line):
            self._box.clear()
            for title, value in self._rows(offers):
                self._box.addItem(title, value)
                self._box.setItemData(self._box.count() - 1, value, Qt.ItemDataRole.ToolTipRole)
            self._write(text)

    def _rows(self, offers: Offers) -> Offers:
        return offers

    def _text_for(self, value: str) -> str:
        """Return the text of the line after a row with this value was picked."""
        return value

    def _pick(self, index: int) -> None:
        self._write(self._text_for(str(self._box.itemData(index))))
        self._report_edit()

    def _report_edit(self) -> None:
        if self._box.currentText() != self._reported:
            self._reported = self._box.currentText()
            self._write(self._reported)
            self.edited.emit()

    def _write(self, text: str) -> None:
        self._box.setCurrentIndex(-1)  # no current row: its title would replace the entered text
        self._box.setEditText(text)
        self._line.setToolTip("\n".join(filter(None, (text, self.toolTip()))))

    def _show(self, value: Any) -> None:
        self._reported = str(value)
        self._write(self._reported)

    def _displayed(self) -> str:
        return self._box.currentText()

    def _entered(self) -> str:
        return self._box.currentText().strip()


class SourceEditor(PickEditor):
    """The source of a model: one of this machine, a folder or file from a dialog, or a typed name."""

    def _rows(self, offers: Offers) -> Offers:
        return (*offers, (tr("a folder…"), _FOLDER), (tr("a GGUF file…"), _FILE))

    def _text_for(self, value: str) -> str:
        chosen = value
        if value == _FOLDER:
            chosen = QFileDialog.getExistingDirectory(self, tr("Choose a folder with a model"))
        elif value == _FILE:
            kinds = tr("GGUF files (*.gguf)")
            chosen, _ = QFileDialog.getOpenFileName(self, tr("Choose a GGUF file"), str(Path.home()), kinds)
        return chosen or self._reported


class LayersEditor(PickEditor):
    """The layers that get an adapter, separated by commas: picking a row adds its layer, or removes it."""

    def _rows(self, offers: Offers) -> Offers:
        return ((tr("all linear ones of attention"), ""), *offers)

    def _text_for(self, value: str) -> str:
        names = [name.strip() for name in self._reported.split(",") if name.strip()]
        if value in names:
            names.remove(value)
        else:
            names = [*names, value] if value else []
        return ", ".join(names)

    def _write(self, text: str) -> None:
        super()._write(text)
        names = [name.strip() for name in text.split(",")]
        for index in range(1, self._box.count()):
            name = self._box.itemData(index)
            # never the name alone: on losing focus, Qt picks the row whose text equals the line's
            self._box.setItemText(index, f"✓ {name}" if name in names else f"+ {name}")
        self._line.setPlaceholderText(tr("all linear ones of attention"))


PICK_EDITORS: Mapping[str, type[PickEditor]] = {
    "PretrainedConfig.source": SourceEditor,
    "PretrainedConfig.target_modules": LayersEditor,
}
"""Editor by class and name of a setting; to add one, add a row, and call `offer` with suggestions."""


def editor_of(kind: type, name: str, field: FieldInfo, label: str) -> FieldEditor:
    """Return an editor for a field of a class: from `PICK_EDITORS`, else by its type."""
    editor_class = PICK_EDITORS.get(f"{kind.__name__}.{name}")
    if editor_class is None:
        return field_editor(field, name, label)
    editor = editor_class(field)
    editor.show_value(field.get_default())
    editor.describe(name, field, label)
    return editor
