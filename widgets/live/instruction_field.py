"""A line edit for an instruction, which suggests those that the environment can check in its current state."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

_OPENING = (Qt.FocusReason.ShortcutFocusReason, Qt.FocusReason.MouseFocusReason)
"""Focus reasons on which the list of suggestions opens at once."""
_ROWS = 8


class InstructionField(QLineEdit):
    """Enter submits the text and leaves the field; Down opens the list; Esc closes the list, then leaves the field.

    Signals:
        submitted: str, the text.
        cancelled: the field was left by Esc.
        entered: the field got the focus.
        left: the field lost the focus.
    """

    submitted = Signal(str)
    cancelled = Signal()
    entered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._suggestions = QStringListModel(self)
        self._completer = QCompleter(self._suggestions, self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setMaxVisibleItems(_ROWS)
        self._list = QListView()
        self._list.setObjectName("Suggestions")
        self._completer.setPopup(self._list)
        self.setCompleter(self._completer)
        self._opening = QTimer(self, singleShot=True, interval=0)
        self._opening.timeout.connect(self._open)
        self.returnPressed.connect(self._submit)

    @property
    def offered(self) -> list[str]:
        """The suggested instructions."""
        return self._suggestions.stringList()

    def offer(self, suggestions: Sequence[str]) -> None:
        """Replace the suggestions, unless the list is open."""
        if self.offered != list(suggestions) and not self._list.isVisible():
            self._suggestions.setStringList(suggestions)

    def _open(self) -> None:
        if self.hasFocus() and not self.text():
            self._completer.setCompletionPrefix("")
            self._completer.complete()

    def _leave(self) -> None:
        """Close the list if it is open, which passes its keys on to the field; otherwise leave the field."""
        if self._list.isVisible():
            self._list.hide()
            return
        self.clear()
        self.clearFocus()
        self.cancelled.emit()

    def _submit(self) -> None:
        if text := self.text().strip():
            self.clear()
            self.submitted.emit(text)
            self.clearFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Open the suggestions if the focus was set by a click or a shortcut."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.entered.emit()
        if event.reason() in _OPENING:
            self._opening.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Emit `left`, unless the focus only moves to the list of suggestions."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave the field on Esc, open the list on Down."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif event.key() == Qt.Key.Key_Down and not self.text():
            self._open()
        else:
            super().keyPressEvent(event)
