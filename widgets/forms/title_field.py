"""The title of the curriculum, in a field that the Tab key skips."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QStyle, QStyleOptionFrame, QWidget

MAX_CHARACTERS = 200
"""Largest length of a title."""
_MARGIN = 2
"""Space that Qt leaves at both sides of the text, in pixels."""


class TitleField(QLineEdit):
    """Takes the focus by a click or `setFocus` only; Esc restores the previous title and clears the focus."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._before = self._meaning = ""
        self.setProperty("flat", True)
        self.setMaxLength(MAX_CHARACTERS)
        # with Tab focus, Qt may move the focus here from a hidden widget, and Space would overwrite the title
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.textChanged.connect(self._fit)

    def explain(self, meaning: str) -> None:
        """Set the tooltip, which follows the whole title if the title is cut off."""
        self._meaning = meaning
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the whole title into the tooltip if it does not fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        whole = self.text() if self._room() < self.fontMetrics().horizontalAdvance(self.text()) else ""
        self.setToolTip("\n".join(filter(None, (whole, self._meaning))))

    def _room(self) -> int:
        return self._contents_rect().width() - 2 * _MARGIN

    def _contents_rect(self) -> QRect:
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        return self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Elide a title that does not fit, unless it is being edited."""
        if self.hasFocus() or self._room() >= self.fontMetrics().horizontalAdvance(self.text()):
            super().paintEvent(event)
            return
        option, painter = QStyleOptionFrame(), QPainter(self)
        self.initStyleOption(option)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option, painter, self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self._room())
        painter.setPen(self.palette().text().color())
        room = self._contents_rect().adjusted(_MARGIN, 0, -_MARGIN, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Remember the title, for Esc."""
        self._before = self.text()
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.ShortcutFocusReason:
            self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Restore the title and clear the focus on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._before)
            self.clearFocus()
        else:
            super().keyPressEvent(event)
