"""The rows of the task bin: tasks under headings, in their colours in the curriculum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from envs.task import TaskSpec, library
from widgets.style import theme
from widgets.style.panel_style import font
from widgets.style.translation import tr

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
HUE_ROLE = Qt.ItemDataRole.UserRole + 1
ROW, HEADING, GAP = 36, 28, 4


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task that can be put on the timeline."""

    spec: TaskSpec
    kind: str
    heading: str

    @property
    def title(self) -> str:
        """The translated title."""
        title = tr(self.spec.title)
        return tr("Meta-train: {title}", title=title) if self.kind == "meta" else title

    @property
    def summary(self) -> str:
        """What the agent has to do, translated."""
        if self.kind == "meta":
            return tr("Learn to learn: practise on {count} members, then adapt to a new one.", count=self.spec.family)
        return tr(self.spec.summary)

    def matches(self, query: str) -> bool:
        """Return whether the row's texts contain every word of a query."""
        text = f"{self.title} {self.summary} {self.spec.key} {self.heading} {self.spec.title}".casefold()
        return all(word in text for word in query.casefold().split())


def task_rows(added: Iterable[TaskSpec]) -> list[TaskRow]:
    """Return a row for each task of the library, each family for meta-training, and each added Gymnasium id."""
    specs = library()
    rows = [TaskRow(spec, "task", tr(spec.group)) for spec in specs]
    rows += [TaskRow(spec, "meta", tr("Meta")) for spec in specs if spec.family]
    return rows + [TaskRow(spec, "task", tr("Your Gymnasium ids")) for spec in added]


def grouped(rows: Iterable[TaskRow]) -> Mapping[str, list[TaskRow]]:
    """Return rows by heading, in order of first appearance."""
    groups: dict[str, list[TaskRow]] = {}
    for row in rows:
        groups.setdefault(row.heading, []).append(row)
    return groups


class RowPainter(QStyledItemDelegate):
    """Paints a row: a bar and a dot in the task's colour, and the title."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Return the height of a row or a heading."""
        return QSize(80, ROW if index.data(ROW_ROLE) else HEADING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row or a heading."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect)
        if index.data(ROW_ROLE):
            self._paint_row(painter, box.adjusted(0, 0, 0, -GAP), option, index)
        else:
            painter.setPen(QColor(theme.current().quiet))
            self._write(painter, box.adjusted(0, 4, 0, 0), index.data(), font(theme.NORMAL))
        painter.restore()

    def _paint_row(self, painter: QPainter, box: QRectF, option: QStyleOptionViewItem, index: Index) -> None:
        colours, hue = theme.current(), index.data(HUE_ROLE)
        state = option.state
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        is_highlighted = is_selected or bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.hover if is_highlighted else colours.raised))
        painter.drawRoundedRect(box, 6, 6)
        colour = theme.task_colour(hue)
        painter.setBrush(colour if hue is not None else QColor(colours.line))
        painter.drawRoundedRect(QRectF(box.left(), box.top(), 4, box.height()), 2, 2)
        painter.setBrush(QColor(colours.card))
        painter.drawRoundedRect(QRectF(box.left() + 12, box.top() + 5, 22, 22), 4, 4)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(box.left() + 18, box.top() + 11, 10, 10))
        if hue is not None and theme.is_hatched(hue):
            painter.setPen(QPen(QColor(colours.card), 2))
            painter.drawLine(int(box.left() + 20), int(box.top() + 20), int(box.left() + 27), int(box.top() + 12))
        if is_selected and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.quiet), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(QColor(colours.text))
        self._write(painter, box.adjusted(44, 0, -8, 0), index.data(), font(theme.BODY))

    def _write(self, painter: QPainter, room: QRectF, text: str, face: QFont) -> None:
        painter.setFont(face)
        fitting = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)
