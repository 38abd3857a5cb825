"""What the agent remembered: the moments of its memory that are most like the present one."""

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
"""Least height of a row, the room between rows, and the size of a dot and the room beside it, in pixels."""
_MOST_FOR_NAME = 0.4
"""Share of a row's room that the task's name may take."""


def memory_row() -> int:
    """Return the height of a row, in the type that the person chose."""
    return max(_ROW, line_height(theme.NORMAL) + 2 * _GAP)


class RecalledMemories(QWidget):
    """Rows of task, sentence, action and reward; as many as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[MemoryEntry] = []
        self._names: list[TaskName] = []
        self._nothing = ""

    def show_entries(self, entries: list[MemoryEntry], names: list[TaskName], nothing: str) -> None:
        """Show entries, given the name of every task; `nothing` is said where there are none."""
        if (entries, names, nothing) == (self._entries, self._names, self._nothing):
            return
        self._entries, self._names, self._nothing = entries, names, nothing
        self.setAccessibleDescription("; ".join(self._sentence(entry) for entry in entries) or nothing)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for two rows."""
        return QSize(240, 2 * memory_row())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._entries:
            painter.setFont(font(theme.NORMAL))
            painter.setPen(theme.current().quiet)
            wrapped = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
            painter.drawText(QRectF(self.rect()), wrapped, self._nothing)
        row = memory_row()
        for place, entry in enumerate(self._entries[: max(self.height() // row, 1)]):
            self._paint_row(painter, QRectF(0, place * row, self.width(), row - _GAP), entry)

    def _paint_row(self, painter: QPainter, place: QRectF, entry: MemoryEntry) -> None:
        colours = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(place, 5, 5)
        painter.setBrush(theme.task_colour(hue_of(self._names, entry.task_id)))
        painter.drawEllipse(QRectF(_PADDING, place.center().y() - _DOT / 2, _DOT, _DOT))
        painter.setFont(font(theme.NORMAL))
        painter.setPen(colours.text)
        inner = place.adjusted(2 * _PADDING + _DOT, 0, -_PADDING, 0)
        end = f"→ {entry.action}  {signed(entry.reward)}"
        room = inner.width() - painter.fontMetrics().horizontalAdvance(end) - _PADDING
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, end)
        self._paint_start(painter, QRectF(inner.left(), place.top(), room, place.height()), entry)

    def _paint_start(self, painter: QPainter, place: QRectF, entry: MemoryEntry) -> None:
        """Name the task where there is room for it beside the sentence; its colour tells it anyway."""
        metrics, rest = painter.fontMetrics(), place
        name = self._name(entry)
        if (taken := metrics.horizontalAdvance(name) + _PADDING) <= place.width() * _MOST_FOR_NAME:
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)
            rest = place.adjusted(taken, 0, 0, 0)
        painter.setPen(theme.current().quiet)
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, elide_start(entry.text, metrics, int(rest.width())))

    def event(self, event: QEvent) -> bool:
        """Offer a row's whole sentence as its tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = event.pos().y() // memory_row()
            said = self._sentence(self._entries[place]) if 0 <= place < len(self._entries) else ""
            QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)

    def _name(self, entry: MemoryEntry) -> str:
        return self._names[entry.task_id] if entry.task_id < len(self._names) else ""

    def _sentence(self, entry: MemoryEntry) -> str:
        return f"{self._name(entry)}: {entry.text} → {entry.action} {signed(entry.reward)}"
