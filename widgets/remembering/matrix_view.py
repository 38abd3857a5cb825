"""A table view that draws the evaluation matrix as a heat map in the tasks' colours."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from widgets.remembering.matrix_data import MatrixData
from widgets.remembering.matrix_model import HUE, LIVE, OWN, MatrixModel
from widgets.style import theme
from widgets.style.panel_style import blend, font, legible_on
from widgets.style.task_names import TaskName
from widgets.style.text_metrics import line_height, scaled

_LINE, _ABOVE, _ROUND = 3, 10, 5
"""Height of the coloured line under a task's name, padding of the name, and corner radius of a cell, in pixels."""
_MIN_CELL, _BESIDE, _MAX_CELL = QSize(42, 22), 6, QSize(168, 60)
"""Minimum size of a cell, padding of its text, and maximum size, in pixels; below the minimum the table scrolls."""
_TITLES, _TITLES_SHARE, _MAX_TITLES_SHARE = 124, 0.22, 0.32
"""Maximum width of the row titles: in pixels at normal type size or as a share of the table, whichever is more;
and the maximum share in larger type."""
_TALL = 44
_FAINTEST = 0.16
_LOW = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter


class MatrixView(QTableView):
    """Shows one row per stage and one column per task; cells of a task's own stage are outlined."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix = MatrixModel()
        self.setModel(self.matrix)
        self.setItemDelegate(_Cell(self))
        self.setHorizontalHeader(_TaskHeader(Qt.Orientation.Horizontal, self))
        self.setVerticalHeader(_StageHeader(Qt.Orientation.Vertical, self))
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)  # arrow keys move between cells, Tab moves to the next widget
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def show_matrix(self, data: MatrixData, names: list[TaskName], rows: list[str], *, signed: bool = False) -> None:
        """Show a matrix (`signed`: of differences), scrolled to the newest row."""
        cell = self.currentIndex().row(), self.currentIndex().column()
        self.matrix.show(data, names, rows, signed=signed)
        self._fit()
        self.scrollToBottom()
        if (current := self.matrix.index(*cell)).isValid():  # the keyboard cursor stays in its cell
            self.selectionModel().setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the cells to the new size."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        rows, columns = max(self.matrix.rowCount(), 1), max(self.matrix.columnCount(), 1)
        self.updateGeometries()  # the widths of the row titles may have changed
        titles, newest = self.verticalHeader().sizeHint().width(), self.verticalScrollBar()
        is_newest = newest.value() == newest.maximum()
        min_height = max(_MIN_CELL.height(), line_height(theme.NORMAL) + _BESIDE)
        bar = newest.sizeHint().width() if rows * min_height + _header(2) > self.height() else 0
        width = min(
            max((self.width() - titles - bar - 2) // columns, scaled(_MIN_CELL.width())), scaled(_MAX_CELL.width())
        )
        header = _header(2 if self._names_are_long(width) else 1)
        height = (self.height() - header - 2) // rows
        self.horizontalHeader().setFixedHeight(header)
        self.horizontalHeader().setDefaultSectionSize(width)
        self.verticalHeader().setDefaultSectionSize(min(max(height, min_height), scaled(_MAX_CELL.height())))
        self.updateGeometries()  # the number of header lines may have changed
        if is_newest:
            self.scrollToBottom()

    def _names_are_long(self, width: int) -> bool:
        metrics = QFontMetrics(font(theme.SMALL))
        return any(metrics.horizontalAdvance(name) > width - 4 for name in self.matrix.names)


class _Cell(QStyledItemDelegate):
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours, value = theme.current(), index.data(Qt.ItemDataRole.EditRole)
        box = QRectF(option.rect).adjusted(2, 2, -2, -2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        background = QColor(colours.card)
        if value is not None:
            strength = _FAINTEST + (1 - _FAINTEST) * min(abs(value), 1.0)
            background = blend(colours.card, theme.task_colour(index.data(HUE)), strength)
            _fill(painter, box, background, hatched=theme.is_hatched(index.data(HUE)))
        self._outline(painter, box, index)
        painter.setPen(legible_on(background) if value is not None else QColor(colours.quiet))
        painter.setFont(font(theme.LARGE if box.height() > _TALL else theme.NORMAL, QFont.Weight.DemiBold))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, index.data())

    def _outline(self, painter: QPainter, box: QRectF, index: QModelIndex | QPersistentModelIndex) -> None:
        colours, view = theme.current(), self.parent()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pens = (
            (index.data(OWN), QPen(QColor(colours.text), 1.5)),
            (index.data(LIVE), QPen(QColor(colours.quiet), 1, Qt.PenStyle.DotLine)),
        )
        for wanted, pen in pens:
            if wanted:
                painter.setPen(pen)
                painter.drawRoundedRect(box, _ROUND, _ROUND)
        if isinstance(view, QTableView) and view.hasFocus() and view.currentIndex() == index:
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), _ROUND - 2, _ROUND - 2)


def _fill(painter: QPainter, box: QRectF, background: QColor, *, hatched: bool) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(background)
    painter.drawRoundedRect(box, _ROUND, _ROUND)
    if hatched:
        painter.setBrush(QBrush(blend(background, legible_on(background), 0.2), Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(box, _ROUND, _ROUND)


class _TaskHeader(QHeaderView):
    def __init__(self, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self.setFixedHeight(_header(1))
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(1)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802
        painter.setFont(font(theme.SMALL))
        painter.setPen(theme.current().quiet)
        name = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        shown = "\n".join(_lines(name, painter.fontMetrics(), rect.width() - 4))
        painter.drawText(rect.adjusted(0, 0, 0, -_LINE - 3), _LOW, shown)
        line = QRect(rect.left() + 2, rect.bottom() - _LINE, rect.width() - 4, _LINE)
        painter.fillRect(line, theme.task_colour(self.model().headerData(section, Qt.Orientation.Horizontal, HUE)))


def _header(lines: int) -> int:
    """Return the height of a header with this many lines."""
    return lines * line_height(theme.SMALL) + _LINE + _ABOVE


def _lines(name: str, metrics: QFontMetrics, width: int) -> list[str]:
    """Break a name into two lines if it is too long for one."""
    words, first = name.split(), ""
    while words and metrics.horizontalAdvance(f"{first} {words[0]}".strip()) <= width:
        first = f"{first} {words.pop(0)}".strip()
    rest = metrics.elidedText(" ".join(words), Qt.TextElideMode.ElideRight, width)
    return [line for line in (first, rest) if line]


class _StageHeader(QHeaderView):
    def __init__(self, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(1)

    def sizeHint(self) -> QSize:  # noqa: N802
        if self.model() is None:  # while Qt destroys the table
            return super().sizeHint()
        metrics = self.fontMetrics()
        names = [str(self.model().headerData(row, Qt.Orientation.Vertical) or "") for row in range(self.count())]
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        table = self.parentWidget()
        available = table.width() if table else 0
        share = min(scaled(_TITLES), int(available * _MAX_TITLES_SHARE))
        max_width = max(share, _TITLES, int(available * _TITLES_SHARE))
        return QSize(min(widest + 8, max_width), super().sizeHint().height())

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802
        painter.setFont(font(theme.SMALL))
        painter.setPen(theme.current().quiet)
        name = str(self.model().headerData(section, Qt.Orientation.Vertical) or "")
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, rect.width() - 4)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
