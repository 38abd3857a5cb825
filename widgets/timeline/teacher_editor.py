"""Who teaches a clip: nobody, the world's expert, an agent of a stored run or of a file, or any that is typed in."""

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


class TeacherEditor(FieldEditor):
    """A list of the teachers that there are; another, such as `model:SOURCE`, can be typed into it."""

    def __init__(self, runs: Sequence[tuple[str, Path]], *, has_expert: bool, parent: QWidget | None = None) -> None:
        self._box = ComboBox()
        super().__init__(self._box, parent)
        self._box.setEditable(True)
        self._box.setInsertPolicy(ComboBox.InsertPolicy.NoInsert)
        self._box.setCompleter(None)  # type: ignore[arg-type]  # or typing would write more than is typed
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
        """Let language models teach, too: what each is called, and where it is. What is entered stays."""
        with QSignalBlocker(self._box):
            for title, source in sources:
                if self._box.findData(f"{MODEL}{source}") < 0:
                    self._box.addItem(tr("the language model ‘{model}’", model=title), f"{MODEL}{source}")
                    self._box.setItemData(self._box.count() - 1, source, Qt.ItemDataRole.ToolTipRole)
            if not self.is_edited:
                self.show_value(self._value)  # which may have a title now

    def _choose(self, place: int) -> None:
        """Ask for a file where one is wanted."""
        if self._box.itemData(place) == _FILE:
            kinds = tr("Agents (*{suffix})", suffix=SUFFIX)
            chosen, _ = QFileDialog.getOpenFileName(self, tr("Choose an agent"), str(Path.home()), kinds)
            self._write(f"{AGENT}{chosen}" if chosen else self._value)

    def _show(self, value: Any) -> None:
        self._write(str(value))

    def _write(self, value: str) -> None:
        place = self._box.findData(value)
        self._box.setCurrentIndex(place)
        if place < 0:
            self._box.setEditText(value)
        if (line := self._box.lineEdit()) is not None:
            line.setCursorPosition(0)  # what is too long shows how it begins

    def _stands(self) -> str:
        return self._box.currentText()

    def _entered(self) -> str:
        text = self._box.currentText().strip()
        place = self._box.currentIndex()  # two runs may be called alike
        if self._box.itemText(place) != text:
            place = self._box.findText(text)
        return str(self._box.itemData(place)) if place >= 0 else text
