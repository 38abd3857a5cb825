"""Tell the agent a sentence, put another in the place of one, pin and erase."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QToolButton, QWidget

from agents.events import KnowledgeEntry
from widgets.style.icons import icon
from widgets.style.panel_style import GAP
from widgets.style.translation import tr

LONGEST = 400
"""Letters that a sentence may have."""


class KnowledgeEditor(QWidget):
    """A line to write in, and buttons for the sentences that are selected; `pin` and `erase` are an inspector's.

    Signals:
        told: str, a new sentence.
        replaced: int, str: the number of a sentence and what to put in its place.
    """

    told = Signal(str)
    replaced = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current: KnowledgeEntry | None = None
        self._edited: int | None = None
        self.line, self.tell = QLineEdit(clearButtonEnabled=True, maxLength=LONGEST), QPushButton()
        self.line.returnPressed.connect(self._say)
        self.tell.clicked.connect(self._say)
        self.pin, self.edit, self.erase = QToolButton(), QToolButton(), QToolButton()
        self.edit.clicked.connect(self._begin)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.line, 1)
        for button in (self.tell, self.pin, self.edit, self.erase):
            button.setIconSize(QSize(16, 16))
            layout.addWidget(button)

    def allow(self, objection: str, current: KnowledgeEntry | None) -> None:
        """Enable what is written and edited with, or say by `objection` why nothing can be changed now."""
        self._current = current
        unselected = objection or ("" if current is not None else tr("Select a sentence first"))
        self._write()
        if objection:
            self.line.setPlaceholderText(objection)
        for part, reason in ((self.line, objection), (self.tell, objection), (self.edit, unselected)):
            part.setEnabled(not reason)
            part.setToolTip(reason or part.accessibleName())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave a sentence as it is with Escape."""
        if event.key() == Qt.Key.Key_Escape and self._edited is not None:
            self._end()
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Write every text again."""
        self._write()

    def restyle(self) -> None:
        """Draw the icon in the colours of the theme."""
        self.edit.setIcon(icon("ph.pencil-simple"))

    def _write(self) -> None:
        edits = self._edited is not None
        self.line.setPlaceholderText(tr("The sentence in its place") if edits else tr("Tell the agent a sentence"))
        self.line.setAccessibleName(self.line.placeholderText())
        self.tell.setText(tr("Replace") if edits else tr("Tell"))
        self.tell.setAccessibleName(tr("Put this in its place") if edits else tr("Let the agent know this sentence"))
        self.edit.setAccessibleName(tr("Put another sentence in the place of this one"))

    def _begin(self) -> None:
        if self._current is not None:
            self._edited = self._current.id
            self.line.setText(self._current.sentence)
            self.line.setFocus()
            self.line.selectAll()
            self._write()

    def _end(self) -> None:
        self._edited = None
        self.line.clear()
        self._write()

    def _say(self) -> None:
        sentence, edited = " ".join(self.line.text().split()), self._edited
        if not sentence or not self.tell.isEnabled():
            return
        self._end()
        if edited is None:
            self.told.emit(sentence)
        else:
            self.replaced.emit(edited, sentence)
