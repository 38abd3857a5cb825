"""Adds, replaces, pins and erases knowledge sentences."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QToolButton, QWidget

from agents.events import KnowledgeEntry
from widgets.style.icons import icon
from widgets.style.panel_style import GAP
from widgets.style.translation import tr

MAX_LENGTH = 400
"""Maximum number of characters of a sentence."""


class KnowledgeEditor(QWidget):
    """A line edit for a sentence, and buttons; `pin` and `erase` are connected by the inspector.

    Signals:
        added: str, a new sentence.
        replaced: int, str: the id of a sentence, and the sentence to replace it by.
    """

    added = Signal(str)
    replaced = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current: KnowledgeEntry | None = None
        self._edited: int | None = None
        self.line, self.submit = QLineEdit(clearButtonEnabled=True, maxLength=MAX_LENGTH), QPushButton()
        self.line.returnPressed.connect(self._submit)
        self.submit.clicked.connect(self._submit)
        self.pin, self.edit, self.erase = QToolButton(), QToolButton(), QToolButton()
        self.edit.clicked.connect(self._begin)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.line, 1)
        for button in (self.submit, self.pin, self.edit, self.erase):
            button.setIconSize(QSize(16, 16))
            layout.addWidget(button)

    def update_controls(self, objection: str, current: KnowledgeEntry | None) -> None:
        """Enable the controls, or disable them with `objection` as the reason; `current` is the current sentence."""
        self._current = current
        unselected = objection or ("" if current is not None else tr("Select a sentence first"))
        self._set_texts()
        if objection:
            self.line.setPlaceholderText(objection)
        for part, reason in ((self.line, objection), (self.submit, objection), (self.edit, unselected)):
            part.setEnabled(not reason)
            part.setToolTip(reason or part.accessibleName())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Cancel editing with Escape."""
        if event.key() == Qt.Key.Key_Escape and self._edited is not None:
            self._end()
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._set_texts()

    def restyle(self) -> None:
        """Draw the icon in the theme's colours."""
        self.edit.setIcon(icon("ph.pencil-simple"))

    def _set_texts(self) -> None:
        is_editing = self._edited is not None
        self.line.setPlaceholderText(tr("The new sentence") if is_editing else tr("Add a sentence"))
        self.line.setAccessibleName(self.line.placeholderText())
        self.submit.setText(tr("Replace") if is_editing else tr("Add"))
        self.submit.setAccessibleName(
            tr("Replace the sentence by this one") if is_editing else tr("Add this sentence to the agent's knowledge")
        )
        self.edit.setAccessibleName(tr("Replace this sentence by another one"))

    def _begin(self) -> None:
        if self._current is not None:
            self._edited = self._current.id
            self.line.setText(self._current.sentence)
            self.line.setFocus()
            self.line.selectAll()
            self._set_texts()

    def _end(self) -> None:
        self._edited = None
        self.line.clear()
        self._set_texts()

    def _submit(self) -> None:
        sentence, edited = " ".join(self.line.text().split()), self._edited
        if not sentence or not self.submit.isEnabled():
            return
        self._end()
        if edited is None:
            self.added.emit(sentence)
        else:
            self.replaced.emit(edited, sentence)
