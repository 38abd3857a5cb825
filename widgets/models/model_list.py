"""A list of models, with a heading for each group, and a summary below each name."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from agents.config.agent import PretrainedConfig
from agents.models.catalogue import ModelChoice
from widgets.forms.part_titles import strategy_title
from widgets.style import theme
from widgets.style.panel_style import elide, font
from widgets.style.text_metrics import line_height, row_height
from widgets.style.translation import tr

Index = QModelIndex | QPersistentModelIndex
SUMMARY_ROLE, HEADING_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
HEAD, GAP, LEFT = 28, 12, 10
"""Least height of a heading, space above it, and left margin, in pixels."""
GROUPS: Mapping[str, str] = {
    "built in": "Built in",
    "shipped": "Shipped with the lab",
    "on this machine": "On this machine",
    "named": "Named by you",
}


class ModelList(QListWidget):
    """Models in groups, a row each.

    Signals:
        chosen: `ModelChoice`: a person chose another model.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: list[ModelChoice | None] = []
        self.setItemDelegate(_ModelRowPainter(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentRowChanged.connect(self._emit_choice)

    @property
    def choice(self) -> ModelChoice | None:
        """The chosen model; None if there is none."""
        row = self.currentRow()
        return self._choices[row] if 0 <= row < len(self._choices) else None

    def show_choices(self, choices: tuple[ModelChoice, ...]) -> None:
        """Show these models; the chosen one stays chosen if it is among them."""
        before = self.choice
        with QSignalBlocker(self):
            self.clear()
            self._choices = []
            for group, heading in GROUPS.items():
                rows = [choice for choice in choices if choice.group == group]
                for choice in (None, *rows) if rows else ():
                    self._add(choice, tr(heading))
        if before is not None:
            self.choose(before)

    def choose(self, choice: ModelChoice) -> None:
        """Choose the row of this group and title, if there is one."""
        for row, other in enumerate(self._choices):
            if other is not None and (other.group, other.title) == (choice.group, choice.title):
                self.setCurrentRow(row)
                return

    def set_summary(self, choice: ModelChoice, text: str) -> None:
        """Show a summary below the name of a model."""
        for row, other in enumerate(self._choices):
            if other == choice:
                item = self.item(row)
                item.setData(SUMMARY_ROLE, text)
                item.setToolTip(f"{item.text()}\n{text}")
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}, {text}")

    def _add(self, choice: ModelChoice | None, heading: str) -> None:
        text = heading if choice is None else _title(choice)
        item = QListWidgetItem(text)
        item.setData(HEADING_ROLE, choice is None)
        item.setData(SUMMARY_ROLE, "")
        item.setToolTip(text)
        if choice is None:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.addItem(item)
        self._choices.append(choice)

    def _emit_choice(self) -> None:
        if self.choice is not None:
            self.chosen.emit(self.choice)


def _title(choice: ModelChoice) -> str:
    """Return the title of a model: its kind, or the source of a pretrained one."""
    return choice.title if isinstance(choice.model, PretrainedConfig) else strategy_title(choice.title)


class _ModelRowPainter(QStyledItemDelegate):
    """Paints a heading, or a name with a summary below."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Return the size of a row."""
        return QSize(120, max(HEAD, line_height(theme.SMALL) + GAP) if index.data(HEADING_ROLE) else row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row."""
        colours, box = theme.current(), QRectF(option.rect).adjusted(0, 1, 0, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(HEADING_ROLE):
            self._write(painter, box.adjusted(LEFT, 6, -6, 0), index.data(), (theme.SMALL, colours.quiet))
            painter.restore()
            return
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.hover if is_selected else colours.raised))
            painter.drawRoundedRect(box, 6, 6)
        if is_selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.quiet), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        half = box.height() / 2
        self._write(painter, box.adjusted(LEFT, 3, -6, -half), index.data(), (theme.BODY, colours.text))
        self._write(painter, box.adjusted(LEFT, half, -6, -3), index.data(SUMMARY_ROLE), (theme.SMALL, colours.quiet))
        painter.restore()

    def _write(self, painter: QPainter, room: QRectF, text: str, style: tuple[int, str]) -> None:
        size, colour = style
        face = font(size)
        painter.setFont(face)
        painter.setPen(QColor(colour))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, elide(text, face, round(room.width())))
