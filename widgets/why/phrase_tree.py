"""The action phrases of a decision as a prefix tree of words with log-probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from agents.infer.explanation_data import PhraseBranch, Reasons
from widgets.style import theme
from widgets.style.panel_style import font
from widgets.style.translation import tr

ROW = 22
_BETWEEN, _ELBOW, _NUMBER = 20, 9, 52
"""Space between columns of words, offset of a branch's bend, and width of a column of numbers, in pixels."""


@dataclass(frozen=True, slots=True)
class _Branch:
    """A branch and its row."""

    branch: PhraseBranch
    row: int
    parent: int | None
    """Row of the preceding word."""


class PhraseBranches(QWidget):
    """Shows one row per action: its words from left to right, then the sum and the action's probability."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reasons: Reasons | None = None
        self._branches: list[_Branch] = []
        self._columns: list[float] = []
        """The x coordinate of the words of each depth, then that of the numbers."""

    def show_reasons(self, reasons: Reasons) -> None:
        """Show the tree of a decision."""
        self._reasons = reasons
        self._branches = lay_out(reasons.tree)
        self._measure()
        self.setAccessibleDescription(
            ", ".join(
                f"{self._name(node.branch.action)} {format_log_prob(node.branch.total)}"
                for node in self._branches
                if node.branch.action is not None
            )
        )
        self.update()

    @property
    def rows(self) -> int:
        """The number of rows, including the heading."""
        return self._branches[-1].row + 2 if self._branches else 0

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size of all rows and columns."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the size of all rows and columns."""
        width = self._columns[-1] + 2 * _NUMBER if self._columns else 0
        return QSize(round(width), ROW * self.rows)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the rows that need repainting."""
        if self._reasons is None or not self._branches:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heading(painter)
        first, last = event.rect().top() // ROW - 1, event.rect().bottom() // ROW
        for node in self._branches:
            if first <= node.row <= last or (node.parent is not None and node.parent <= last and node.row >= first):
                self._paint(painter, node)

    def _paint_heading(self, painter: QPainter) -> None:
        painter.setFont(font(theme.SMALL))
        painter.setPen(theme.current().quiet)
        for column, text in ((2, tr("sum")), (1, tr("share"))):
            painter.drawText(self._cell(column, -1), _RIGHT, text)

    def _paint(self, painter: QPainter, node: _Branch) -> None:
        colours, branch = theme.current(), node.branch
        left, middle = self._columns[branch.depth], (node.row + 1.5) * ROW
        painter.setPen(QColor(colours.accent if branch.is_chosen else colours.line))
        if node.parent is not None:
            bend = left - _ELBOW
            painter.drawLine(QPointF(bend, (node.parent + 1.5) * ROW), QPointF(bend, middle))
            painter.drawLine(QPointF(bend, middle), QPointF(left - 3, middle))
        painter.setFont(_word_font(branch))
        painter.setPen(colours.text)
        word_width = QFontMetricsF(painter.font()).horizontalAdvance(branch.word)
        painter.drawText(
            QRectF(left, middle - ROW / 2, word_width + 1, ROW), Qt.AlignmentFlag.AlignVCenter, branch.word
        )
        painter.setFont(font(theme.SMALL))
        painter.setPen(colours.quiet)
        beside = QRectF(left + word_width + 4, middle - ROW / 2, _NUMBER, ROW)
        painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, format_log_prob(branch.log_prob))
        if branch.action is not None:
            self._paint_numbers(painter, node)

    def _paint_numbers(self, painter: QPainter, node: _Branch) -> None:
        reasons, action = self._reasons, node.branch.action
        assert reasons is not None
        assert action is not None
        painter.setFont(_word_font(node.branch) if action == reasons.action else font(theme.NORMAL))
        painter.setPen(theme.current().text if action == reasons.action else theme.current().quiet)
        painter.drawText(self._cell(2, node.row), _RIGHT, format_log_prob(node.branch.total))
        painter.drawText(self._cell(1, node.row), _RIGHT, f"{reasons.frame.probabilities[action]:.2f}")

    def _cell(self, column: int, row: int) -> QRectF:
        """Return the rectangle of a number; `column` counts from the right, from 1."""
        return QRectF(self.width() - column * _NUMBER, (row + 1) * ROW, _NUMBER, ROW)

    def _name(self, action: int | None) -> str:
        return "" if self._reasons is None or action is None else self._reasons.frame.actions[action]

    def _measure(self) -> None:
        """Compute the x coordinate of each depth."""
        small, left, self._columns = QFontMetricsF(font(theme.SMALL)), 0.0, []
        deepest = max((node.branch.depth for node in self._branches), default=-1)
        for depth in range(deepest + 1):
            self._columns.append(left)
            left += _BETWEEN + max(
                QFontMetricsF(_word_font(branch)).horizontalAdvance(branch.word)
                + 4
                + small.horizontalAdvance(format_log_prob(branch.log_prob))
                for branch in (node.branch for node in self._branches)
                if branch.depth == depth
            )
        self._columns.append(left)
        self.setMinimumSize(self.minimumSizeHint())
        self.updateGeometry()


_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def lay_out(tree: tuple[PhraseBranch, ...]) -> list[_Branch]:
    """Assign a row to each branch: the first word after an unfinished phrase is in the row of that phrase."""
    placed: list[_Branch] = []
    rows: list[int] = []
    """Row of the last word at each depth."""
    for branch in tree:
        before = placed[-1] if placed else None
        continues = before is not None and branch.depth == before.branch.depth + 1 and before.branch.action is None
        row = (before.row if continues else before.row + 1) if before is not None else 0
        rows = [*rows[: branch.depth], row]
        placed.append(_Branch(branch, row, rows[branch.depth - 1] if branch.depth else None))
    return placed


def format_log_prob(log_prob: float) -> str:
    """Return a log-probability with two decimals and a typographic minus sign."""
    return f"{min(log_prob, 0.0):.2f}".replace("-0.00", "0.00").replace("-", "−")


def _word_font(branch: PhraseBranch) -> QFont:
    return font(theme.BODY, QFont.Weight.DemiBold if branch.is_chosen else QFont.Weight.Normal)
