"""The title of the curriculum, as a field that one enters on purpose only."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QStyle, QStyleOptionFrame, QWidget

LONGEST = 200
"""Characters of a title."""
_MARGIN = 2
"""Pixels that Qt leaves at both sides of the text."""


class TitleField(QLineEdit):
    """Takes the keyboard by a click or when it is told to; Esc leaves it with the title that it had."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._before = self._meaning = ""
        self.setProperty("flat", True)
        self.setMaxLength(LONGEST)
        # by the Tab key it could fall in here when another widget loses it, and Space would write over the title
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.textChanged.connect(self._fit)

    def explain(self, meaning: str) -> None:
        """Say in the tooltip what this is, under the whole title where that is cut."""
        self._meaning = meaning
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Say the whole title in the tooltip where it does not fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        whole = self.text() if self._room() < self.fontMetrics().horizontalAdvance(self.text()) else ""
        self.setToolTip("\n".join(filter(None, (whole, self._meaning))))

    def _room(self) -> int:
        return self._place().width() - 2 * _MARGIN

    def _place(self) -> QRect:
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        return self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """End what does not fit in an ellipsis, unless it is being changed."""
        if self.hasFocus() or self._room() >= self.fontMetrics().horizontalAdvance(self.text()):
            super().paintEvent(event)
            return
        option, painter = QStyleOptionFrame(), QPainter(self)
        self.initStyleOption(option)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option, painter, self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self._room())
        painter.setPen(self.palette().text().color())
        room = self._place().adjusted(_MARGIN, 0, -_MARGIN, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

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
