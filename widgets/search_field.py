"""A field that narrows a list while one types."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class SearchField(QLineEdit):
    """Esc empties it, and in an empty field lets go of the keyboard, so that Space plays and pauses again."""

    def __init__(self, parent: QWidget | None = None, *, width: int | None = None) -> None:
        super().__init__(parent)
        self.setClearButtonEnabled(True)
        if width is not None:
            self.setFixedWidth(width)

    def name(self, title: str) -> None:
        """Say what is searched, to the eye and to a screen reader."""
        self.setPlaceholderText(title)
        self.setAccessibleName(title)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Empty the field, or leave it, on Esc."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.text():
            self.clear()
        else:
            self.clearFocus()
