"""The title of the curriculum, as a field that one enters on purpose only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

LONGEST = 200
"""Characters of a title."""


class TitleField(QLineEdit):
    """Takes the keyboard by a click or when it is told to; Esc leaves it with the title that it had."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._before = ""
        self.setProperty("flat", True)
        self.setMaxLength(LONGEST)
        # by the Tab key it could fall in here when another widget loses it, and Space would write over the title
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Keep the title as it is now, for Esc."""
        self._before = self.text()
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.ShortcutFocusReason:
            self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._before)
            self.clearFocus()
        else:
            super().keyPressEvent(event)
