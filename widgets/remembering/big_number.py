"""A score in large type, with its name below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from widgets.style import theme
from widgets.style.numbers import score
from widgets.style.panel_style import quiet_label

_NOTABLE = 0.005


class BigNumber(QWidget):
    """A score, or a change of a score with ▲ for an improvement and ▼ for the opposite."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number, self._name = QLabel(textFormat=Qt.TextFormat.RichText), quiet_label()
        self._number.setProperty("huge", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._number)
        layout.addWidget(self._name)

    def set_texts(self, name: str, tip: str) -> None:
        """Set the number's name and tooltip."""
        self._name.setText(name)
        self.setToolTip(tip)
        self.setAccessibleName(name)

    def show_number(self, value: float | None) -> None:
        """Show a score."""
        self._set_text(score(value))

    def show_change(self, value: float | None, *, bad: bool) -> None:
        """Show the magnitude of a change; `bad` means that a positive change is for the worse."""
        if value is None or abs(value) < _NOTABLE:
            self._set_text(score(value if value is None else 0.0))
            return
        arrow = "▼" if bad == (value > 0) else "▲"
        self._set_text(f"<span style='font-size:{theme.LARGE}px'>{arrow}</span> {score(abs(value))}")

    def _set_text(self, text: str) -> None:
        if text != self._number.text():
            self._number.setText(text)
            self.setAccessibleDescription(text.rpartition("> ")[2])
