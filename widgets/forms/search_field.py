"""A field that filters a list while a person types."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from widgets.style.text_metrics import scaled, set_placeholder


class SearchField(QLineEdit):
    """Esc clears it, and clears the focus of an empty field, so that Space plays and pauses again."""

    def __init__(self, parent: QWidget | None = None, *, width: int | None = None) -> None:
        super().__init__(parent)
        self.setClearButtonEnabled(True)
        self._width = width
        self._fit()

    def name(self, title: str, meaning: str = "") -> None:
        """Name what is searched, as a placeholder and for screen readers."""
        set_placeholder(self, title, meaning)
        self.setAccessibleName(title)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Scale the width with the type size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        if self._width is not None:
            self.setFixedWidth(scaled(self._width))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Clear the field, or its focus, on Esc."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.text():
            self.clear()
        else:
            self.clearFocus()
