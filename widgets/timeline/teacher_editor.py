"""The editor of a clip's teacher: none, the environment's expert, an agent of a run or a file, or a language model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from agents.sharing.archive_limits import SUFFIX
from envs.teaching import AGENT, MODEL, SCRIPTED
from widgets.forms.field_editors import FieldEditor
from widgets.style.translation import tr
from widgets.style.wheel_controls import ComboBox

_FILE = "a file is to be chosen"
"""Data of the item that opens the file dialog."""


class TeacherEditor(FieldEditor):
    """An editable combo box with the available teachers; others, such as `model:SOURCE`, can be typed."""

    def __init__(self, runs: Sequence[tuple[str, Path]], *, has_expert: bool, parent: QWidget | None = None) -> None:
        self._box = ComboBox()
        super().__init__(self._box, parent)
        self._box.setEditable(True)
        self._box.setInsertPolicy(ComboBox.InsertPolicy.NoInsert)
        self._box.setCompleter(None)  # type: ignore[arg-type]  # completion would change the text being typed
        self._box.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.addItem(tr("nobody: rewards alone"), "")
        if has_expert:
            self._box.addItem(tr("the expert of this world"), SCRIPTED)
        self._box.addItem(tr("an agent's file…"), _FILE)
        for name, folder in runs:
            self._box.addItem(tr("the agent of ‘{run}’", run=name), f"{AGENT}{folder}")
            self._box.setItemData(self._box.count() - 1, folder.name, Qt.ItemDataRole.ToolTipRole)
        self._box.activated.connect(self._choose)
        self._box.currentTextChanged.connect(self.edited)

    def offer_models(self, sources: Sequence[tuple[str, str]]) -> None:
        """Add language models, pairs of title and source, to the list; what was entered does not change."""
        with QSignalBlocker(self._box):
            for title, source in sources:
                if self._box.findData(f"{MODEL}{source}") < 0:
                    self._box.addItem(tr("the language model ‘{model}’", model=title), f"{MODEL}{source}")
                    self._box.setItemData(self._box.count() - 1, source, Qt.ItemDataRole.ToolTipRole)
            if not self.is_edited:
                self.show_value(self._value)  # its model may now have a title

    def _choose(self, index: int) -> None:
        """Open the file dialog if its item was chosen."""
        if self._box.itemData(index) == _FILE:
            kinds = tr("Agents (*{suffix})", suffix=SUFFIX)
            chosen, _ = QFileDialog.getOpenFileName(self, tr("Choose an agent"), str(Path.home()), kinds)
            self._write(f"{AGENT}{chosen}" if chosen else self._value)

    def _show(self, value: Any) -> None:
        self._write(str(value))

    def _write(self, value: str) -> None:
        index = self._box.findData(value)
        self._box.setCurrentIndex(index)
        if index < 0:
            self._box.setEditText(value)
        if (line := self._box.lineEdit()) is not None:
            line.setCursorPosition(0)  # of a text that is too long, show the beginning

    def _displayed(self) -> str:
        return self._box.currentText()

    def _entered(self) -> str:
        text = self._box.currentText().strip()
        index = self._box.currentIndex()  # not findText: two runs may have the same name
        if self._box.itemText(index) != text:
            index = self._box.findText(text)
        return str(self._box.itemData(index)) if index >= 0 else text
