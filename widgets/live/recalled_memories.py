"""The list of memories that are most similar to the agent's current observation."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from agents.events import MemoryEntry
from widgets.style import theme
from widgets.style.elision import elide_start
from widgets.style.numbers import signed
from widgets.style.panel_style import font
from widgets.style.task_names import TaskName, hue_of
from widgets.style.text_metrics import line_height

_ROW, _GAP, _DOT, _PADDING = 28, 4, 8, 8
"""Minimum height of a row, space between rows, size of a dot and its padding, in pixels."""
_MAX_NAME_SHARE = 0.4
"""Maximum share of a row's width for the task's name."""


def memory_row() -> int:
    """Return the height of a row at the user's type size, in pixels."""
    return max(_ROW, line_height(theme.NORMAL) + 2 * _GAP)


class RecalledMemories(QWidget):
    """Rows of task, sentence, action and reward, as many as fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[MemoryEntry] = []
        self._names: list[TaskName] = []
        self._placeholder = ""

    def show_entries(self, entries: list[MemoryEntry], names: list[TaskName], placeholder: str) -> None:
        """Show entries, given the name of every task; without entries, show the placeholder."""
        if (entries, names, placeholder) == (self._entries, self._names, self._placeholder):
            return
        self._entries, self._names, self._placeholder = entries, names, placeholder
        self.setAccessibleDescription("; ".join(self._sentence(entry) for entry in entries) or placeholder)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size of two rows."""
        return QSize(240, 2 * memory_row())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._entries:
            painter.setFont(font(theme.NORMAL))
            painter.setPen(theme.current().quiet)
            wrapped = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
            painter.drawText(QRectF(self.rect()), wrapped, self._placeholder)
        row = memory_row()
        for index, entry in enumerate(self._entries[: max(self.height() // row, 1)]):
            self._paint_row(painter, QRectF(0, index * row, self.width(), row - _GAP), entry)

    def _paint_row(self, painter: QPainter, box: QRectF, entry: MemoryEntry) -> None:
        colours = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(box, 5, 5)
        painter.setBrush(theme.task_colour(hue_of(self._names, entry.task_id)))
        painter.drawEllipse(QRectF(_PADDING, box.center().y() - _DOT / 2, _DOT, _DOT))
        painter.setFont(font(theme.NORMAL))
        painter.setPen(colours.text)
        inner = box.adjusted(2 * _PADDING + _DOT, 0, -_PADDING, 0)
        end = f"→ {entry.action}  {signed(entry.reward)}"
        width = inner.width() - painter.fontMetrics().horizontalAdvance(end) - _PADDING
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, end)
        self._paint_start(painter, QRectF(inner.left(), box.top(), width, box.height()), entry)

    def _paint_start(self, painter: QPainter, box: QRectF, entry: MemoryEntry) -> None:
        """Paint the sentence, after the task's name if that fits; the dot's colour also identifies the task."""
        metrics, rest = painter.fontMetrics(), box
        name = self._name(entry)
        if (name_width := metrics.horizontalAdvance(name) + _PADDING) <= box.width() * _MAX_NAME_SHARE:
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
            rest = box.adjusted(name_width, 0, 0, 0)
        painter.setPen(theme.current().quiet)
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, elide_start(entry.text, metrics, int(rest.width())))

    def event(self, event: QEvent) -> bool:
        """Show a row's full text as its tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = event.pos().y() // memory_row()
            text = self._sentence(self._entries[index]) if 0 <= index < len(self._entries) else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _name(self, entry: MemoryEntry) -> str:
        return self._names[entry.task_id] if entry.task_id < len(self._names) else ""

    def _sentence(self, entry: MemoryEntry) -> str:
        return f"{self._name(entry)}: {entry.text} → {entry.action} {signed(entry.reward)}"
