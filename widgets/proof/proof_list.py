"""The list of benchmarks: mark of the last verdict, name, and time of the last result."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from widgets.proof.proof_board import ProofBoard, ProofRow
from widgets.proof.proof_marks import MARKS, verdict_icon
from widgets.style import theme
from widgets.style.panel_style import elide, font
from widgets.style.text_metrics import row_height
from widgets.style.translation import tr

Index = QModelIndex | QPersistentModelIndex
DETAIL_ROLE = Qt.ItemDataRole.UserRole
MARK, LEFT = 18, 36
"""Size of a row's mark, and left margin of its text, in pixels."""


class ProofList(QListWidget):
    """A list with one row per benchmark.

    Signals:
        chosen: str: name of the selected benchmark.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(_ProofRowPainter(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentItemChanged.connect(self._emit_chosen)

    @property
    def name(self) -> str:
        """Name of the selected benchmark; empty if none is selected."""
        item = self.currentItem()
        return item.text() if item else ""

    def show_board(self, board: ProofBoard) -> None:
        """Show the benchmarks; the first one is selected if none is."""
        while self.count() < len(board.rows):
            self.addItem(QListWidgetItem())
        for index, row in enumerate(board.rows):
            self._fill(self.item(index), row, is_running=row.name == board.running)
        if board.rows and self.currentRow() < 0:
            self.setCurrentRow(0)

    def _fill(self, item: QListWidgetItem, row: ProofRow, *, is_running: bool) -> None:
        detail = tr("is being measured") if is_running else row.when
        item.setText(row.name)
        item.setIcon(verdict_icon(row.verdict))
        item.setData(DETAIL_ROLE, detail)
        item.setToolTip(f"{tr(row.question)}\n{tr(MARKS[row.verdict].text)}")
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.name}, {tr(MARKS[row.verdict].text)}, {detail}")

    def _emit_chosen(self) -> None:
        self.chosen.emit(self.name)


class _ProofRowPainter(QStyledItemDelegate):
    """Paints the mark, the name, and a line of secondary text below it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Return the size of a row."""
        return QSize(120, row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row."""
        palette, box = theme.current(), QRectF(option.rect).adjusted(0, 1, 0, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(palette.hover if chosen else palette.raised))
            painter.drawRoundedRect(box, 6, 6)
        if chosen and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(palette.quiet), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        top = round(box.center().y() - MARK / 2)
        index.data(Qt.ItemDataRole.DecorationRole).paint(painter, QRect(round(box.left()) + 9, top, MARK, MARK))
        upper, lower = box.adjusted(LEFT, 3, -6, -box.height() / 2), box.adjusted(LEFT, box.height() / 2, -6, -3)
        self._paint_line(painter, upper, index.data(), (font(theme.BODY), palette.text))
        self._paint_line(painter, lower, index.data(DETAIL_ROLE), (font(theme.SMALL), palette.quiet))
        painter.restore()

    def _paint_line(self, painter: QPainter, box: QRectF, text: str, style: tuple[QFont, str]) -> None:
        face, colour = style
        painter.setFont(face)
        painter.setPen(QColor(colour))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, elide(text, face, round(box.width())))
