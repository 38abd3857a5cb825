"""What an empty panel says: what will appear there, and how to get it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from widgets.style.scroll_areas import vertical_scroll_area


class EmptyNote(QStackedLayout):
    """Shows a panel's content once there is some, and a note until then, with a button below if one is offered."""

    def __init__(self, content: QWidget, parent: QWidget, offer: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._note.setProperty("quiet", True)
        self._note.setMargin(16)
        area = vertical_scroll_area(self._note)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.addWidget(area if offer is None else _above(self._note, offer))
        self.addWidget(content)

    def say(self, text: str) -> None:
        """Write the note."""
        self._note.setText(text)

    def reveal(self, content: bool) -> None:
        """Show the content, or else the note."""
        self.setCurrentIndex(int(content))


def _above(note: QWidget, offer: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addStretch(1)
    layout.addWidget(note)
    layout.addWidget(offer, 0, Qt.AlignmentFlag.AlignHCenter)
    layout.addStretch(1)
    return page
