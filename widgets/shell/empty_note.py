"""The note of an empty panel: what will appear there, and how to get it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from widgets.style.scroll_areas import vertical_scroll_area


class EmptyNote(QStackedLayout):
    """Shows a panel's content or, while there is none, a note, with a button below it if `offer` is given."""

    def __init__(self, content: QWidget, parent: QWidget, offer: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._note.setProperty("quiet", True)
        self._note.setMargin(16)
        area = vertical_scroll_area(self._note)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.addWidget(area if offer is None else _above(self._note, offer))
        self.addWidget(content)

    def set_text(self, text: str) -> None:
        """Set the text of the note."""
        self._note.setText(text)

    def reveal(self, content: bool) -> None:
        """Show the content (True) or the note (False)."""
        self.setCurrentIndex(int(content))


def _above(note: QWidget, offer: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addStretch(1)
    layout.addWidget(note)
    layout.addWidget(offer, 0, Qt.AlignmentFlag.AlignHCenter)
    layout.addStretch(1)
    return page
