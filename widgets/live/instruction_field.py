"""A field for an instruction: it offers what the world can check here and now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

_OPENING = (Qt.FocusReason.ShortcutFocusReason, Qt.FocusReason.MouseFocusReason)
"""How a person comes here on purpose: then everything that can be said is offered at once."""
_ROWS = 8


class InstructionField(QLineEdit):
    """Enter tells it and leaves the field; Down opens the list; Esc closes the list, then leaves the field.

    Signals:
        told: str, what was written.
        dropped: the person has thought better of it.
        entered: the person is about to write.
        left: the person is no longer about to.
    """

    told = Signal(str)
    dropped = Signal()
    entered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sayings = QStringListModel(self)
        self._completer = QCompleter(self._sayings, self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setMaxVisibleItems(_ROWS)
        self._list = QListView()
        self._list.setObjectName("Sayings")
        self._completer.setPopup(self._list)
        self.setCompleter(self._completer)
        self._opening = QTimer(self, singleShot=True, interval=0)
        self._opening.timeout.connect(self._open)
        self.returnPressed.connect(self._tell)

    @property
    def offered(self) -> list[str]:
        """What can be said, as the list has it."""
        return self._sayings.stringList()

    def offer(self, sayings: Sequence[str]) -> None:
        """Offer these from now on; an open list is not changed under the person's eyes."""
        if self.offered != list(sayings) and not self._list.isVisible():
            self._sayings.setStringList(sayings)

    def _open(self) -> None:
        if self.hasFocus() and not self.text():
            self._completer.setCompletionPrefix("")
            self._completer.complete()

    def _leave(self) -> None:
        """Close the list, or, where none is open, leave the field: an open list passes its keys on to the field."""
        if self._list.isVisible():
            self._list.hide()
            return
        self.clear()
        self.clearFocus()
        self.dropped.emit()

    def _tell(self) -> None:
        if text := self.text().strip():
            self.clear()
            self.told.emit(text)
            self.clearFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show what can be said to whoever comes here on purpose."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.entered.emit()
        if event.reason() in _OPENING:
            self._opening.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Say that nobody writes any more; the list that opens takes the keyboard, not the person, away."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave on Esc, open the list on Down."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif event.key() == Qt.Key.Key_Down and not self.text():
            self._open()
        else:
            super().keyPressEvent(event)
