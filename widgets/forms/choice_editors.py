"""Settings that are one of what there is on this machine: a list to pick from, and a line to type any other into."""

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
"""What there is to pick: how it is called, and the value that it stands for."""
_FOLDER, _FILE = "a folder is to be chosen", "a file is to be chosen"
_BESIDE = 36
"""Pixels of a list beside its widest text."""


class _WideList(ComboBox):
    def showPopup(self) -> None:  # noqa: N802
        """Open a list as wide as its widest text, however narrow the box."""
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + _BESIDE)
        super().showPopup()


class PickEditor(FieldEditor):
    """A line of text with a list of what there is; what is picked stands in the line and can be typed over."""

    def __init__(self, field: FieldInfo, parent: QWidget | None = None) -> None:
        self._box = _WideList()
        super().__init__(self._box, parent)
        self._box.setEditable(True)
        line = self._box.lineEdit()  # of Qt's making: the style sheet gives another one the room of a field of its own
        assert line is not None, "what can be edited has one"
        self._line: QLineEdit = line
        self._box.setInsertPolicy(ComboBox.InsertPolicy.NoInsert)
        self._box.setCompleter(None)  # type: ignore[arg-type]  # or typing would write more than is typed
        self._box.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._told = ""
        self._box.activated.connect(self._pick)
        self._line.editingFinished.connect(self._tell)
        self.offer(())

    def describe(self, name: str, field: FieldInfo, label: str) -> None:
        """Take the field's name and docstring as tooltip, below what is entered: there may be no room for all of it."""
        super().describe(name, field, label)
        self._write(self._box.currentText())

    def offer(self, offers: Offers) -> None:
        """Let these be picked; what is entered stays."""
        text = self._box.currentText()
        with QSignalBlocker(self._box), QSignalBlocker(self._line):
            self._box.clear()
            for title, value in self._rows(offers):
                self._box.addItem(title, value)
                self._box.setItemData(self._box.count() - 1, value, Qt.ItemDataRole.ToolTipRole)
            self._write(text)

    def _rows(self, offers: Offers) -> Offers:
        return offers

    def _picked(self, value: str) -> str:
        """Return what is to stand in the line once a row was picked."""
        return value

    def _pick(self, place: int) -> None:
        self._write(self._picked(str(self._box.itemData(place))))
        self._tell()

    def _tell(self) -> None:
        if self._box.currentText() != self._told:
            self._told = self._box.currentText()
            self._write(self._told)
            self.edited.emit()

    def _write(self, text: str) -> None:
        self._box.setCurrentIndex(-1)  # the line says what is entered, which a title may not
        self._box.setEditText(text)
        self._line.setToolTip("\n".join(filter(None, (text, self.toolTip()))))

    def _show(self, value: Any) -> None:
        self._told = str(value)
        self._write(self._told)

    def _stands(self) -> str:
        return self._box.currentText()

    def _entered(self) -> str:
        return self._box.currentText().strip()


class SourceEditor(PickEditor):
    """Where a model is: one that lies here, a folder or a file that is looked for, or what is typed."""

    def _rows(self, offers: Offers) -> Offers:
        return (*offers, (tr("a folder…"), _FOLDER), (tr("a GGUF file…"), _FILE))

    def _picked(self, value: str) -> str:
        chosen = value
        if value == _FOLDER:
            chosen = QFileDialog.getExistingDirectory(self, tr("Choose a folder with a model"))
        elif value == _FILE:
            kinds = tr("GGUF files (*.gguf)")
            chosen, _ = QFileDialog.getOpenFileName(self, tr("Choose a GGUF file"), str(Path.home()), kinds)
        return chosen or self._told


class LayersEditor(PickEditor):
    """Which layers get an adapter: each row that is picked is put to the others, or taken away."""

    def _rows(self, offers: Offers) -> Offers:
        return ((tr("all linear ones of attention"), ""), *offers)

    def _picked(self, value: str) -> str:
        names = [name.strip() for name in self._told.split(",") if name.strip()]
        if value in names:
            names.remove(value)
        else:
            names = [*names, value] if value else []
        return ", ".join(names)

    def _write(self, text: str) -> None:
        super()._write(text)
        names = [name.strip() for name in text.split(",")]
        for place in range(1, self._box.count()):
            name = self._box.itemData(place)
            # never just the name: Qt picks the row that says what stands in the line whenever the focus goes
            self._box.setItemText(place, f"✓ {name}" if name in names else f"+ {name}")
        self._line.setPlaceholderText(tr("all linear ones of attention"))


PICKED: Mapping[str, type[PickEditor]] = {
    "PretrainedConfig.source": SourceEditor,
    "PretrainedConfig.target_modules": LayersEditor,
}
"""Settings by class and name; to add one, add a row, and offer what there is."""


def editor_of(kind: type, name: str, field: FieldInfo, label: str) -> FieldEditor:
    """Return an editor for a field of a class: a list of what there is, or what suits its type."""
    picked = PICKED.get(f"{kind.__name__}.{name}")
    if picked is None:
        return field_editor(field, name, label)
    editor = picked(field)
    editor.show_value(field.get_default())
    editor.describe(name, field, label)
    return editor
