"""The phrases of a menu as branches of words, each with its log-probability; phrases share their beginnings."""

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
"""Pixels between two columns of words, before a word where its branch bends, and of a column of numbers."""


@dataclass(frozen=True, slots=True)
class _Branch:
    """A branch, and where it lies."""

    branch: PhraseBranch
    row: int
    parent: int | None
    """The row of the word before it."""


class PhraseBranches(QWidget):
    """A row an action, from left to right its words; at the right the sum, and the probability of the action."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reasons: Reasons | None = None
        self._twigs: list[_Branch] = []
        self._columns: list[float] = []
        """Where the words of each depth begin, and where the numbers do."""

    def show_reasons(self, reasons: Reasons) -> None:
        """Show the tree of a decision."""
        self._reasons = reasons
        self._twigs = laid_out(reasons.tree)
        self._measure()
        self.setAccessibleDescription(
            ", ".join(
                f"{self._name(twig.branch.action)} {written(twig.branch.total)}"
                for twig in self._twigs
                if twig.branch.action is not None
            )
        )
        self.update()

    @property
    def rows(self) -> int:
        """How many rows there are, the heading among them."""
        return self._twigs[-1].row + 2 if self._twigs else 0

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high and as wide as the words need."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high and as wide as the words need."""
        across = self._columns[-1] + 2 * _NUMBER if self._columns else 0
        return QSize(round(across), ROW * self.rows)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the rows that are in sight."""
        if self._reasons is None or not self._twigs:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heading(painter)
        first, last = event.rect().top() // ROW - 1, event.rect().bottom() // ROW
        for twig in self._twigs:
            if first <= twig.row <= last or (twig.parent is not None and twig.parent <= last and twig.row >= first):
                self._paint(painter, twig)

    def _paint_heading(self, painter: QPainter) -> None:
        painter.setFont(font(theme.SMALL))
        painter.setPen(theme.current().quiet)
        for place, text in ((2, tr("sum")), (1, tr("share"))):
            painter.drawText(self._cell(place, -1), _RIGHT, text)

    def _paint(self, painter: QPainter, twig: _Branch) -> None:
        colours, branch = theme.current(), twig.branch
        left, middle = self._columns[branch.depth], (twig.row + 1.5) * ROW
        painter.setPen(QColor(colours.accent if branch.is_chosen else colours.line))
        if twig.parent is not None:
            bend = left - _ELBOW
            painter.drawLine(QPointF(bend, (twig.parent + 1.5) * ROW), QPointF(bend, middle))
            painter.drawLine(QPointF(bend, middle), QPointF(left - 3, middle))
        painter.setFont(_word_font(branch))
        painter.setPen(colours.text)
        wide = QFontMetricsF(painter.font()).horizontalAdvance(branch.word)
        painter.drawText(QRectF(left, middle - ROW / 2, wide + 1, ROW), Qt.AlignmentFlag.AlignVCenter, branch.word)
        painter.setFont(font(theme.SMALL))
        painter.setPen(colours.quiet)
        beside = QRectF(left + wide + 4, middle - ROW / 2, _NUMBER, ROW)
        painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, written(branch.log_prob))
        if branch.action is not None:
            self._paint_numbers(painter, twig)

    def _paint_numbers(self, painter: QPainter, twig: _Branch) -> None:
        reasons, action = self._reasons, twig.branch.action
        assert reasons is not None
        assert action is not None
        painter.setFont(_word_font(twig.branch) if action == reasons.action else font(theme.NORMAL))
        painter.setPen(theme.current().text if action == reasons.action else theme.current().quiet)
        painter.drawText(self._cell(2, twig.row), _RIGHT, written(twig.branch.total))
        painter.drawText(self._cell(1, twig.row), _RIGHT, f"{reasons.frame.probabilities[action]:.2f}")

    def _cell(self, place: int, row: int) -> QRectF:
        """Return the room of a number, `place` columns from the right."""
        return QRectF(self.width() - place * _NUMBER, (row + 1) * ROW, _NUMBER, ROW)

    def _name(self, action: int | None) -> str:
        return "" if self._reasons is None or action is None else self._reasons.frame.actions[action]

    def _measure(self) -> None:
        """Find where each depth of words begins."""
        small, left, self._columns = QFontMetricsF(font(theme.SMALL)), 0.0, []
        deepest = max((twig.branch.depth for twig in self._twigs), default=-1)
        for depth in range(deepest + 1):
            self._columns.append(left)
            left += _BETWEEN + max(
                QFontMetricsF(_word_font(branch)).horizontalAdvance(branch.word)
                + 4
                + small.horizontalAdvance(written(branch.log_prob))
                for branch in (twig.branch for twig in self._twigs)
                if branch.depth == depth
            )
        self._columns.append(left)
        self.setMinimumSize(self.minimumSizeHint())
        self.updateGeometry()


_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def laid_out(tree: tuple[PhraseBranch, ...]) -> list[_Branch]:
    """Give each branch its row: the first word after an unfinished phrase stands on the row of that phrase."""
    twigs: list[_Branch] = []
    rows: list[int] = []
    """The row of the last word at each depth."""
    for branch in tree:
        before = twigs[-1] if twigs else None
        goes_on = before is not None and branch.depth == before.branch.depth + 1 and before.branch.action is None
        row = (before.row if goes_on else before.row + 1) if before is not None else 0
        rows = [*rows[: branch.depth], row]
        twigs.append(_Branch(branch, row, rows[branch.depth - 1] if branch.depth else None))
    return twigs


def written(log_prob: float) -> str:
    """Return a log-probability with two decimals and a true minus sign."""
    return f"{min(log_prob, 0.0):.2f}".replace("-0.00", "0.00").replace("-", "−")


def _word_font(branch: PhraseBranch) -> QFont:
    return font(theme.BODY, QFont.Weight.DemiBold if branch.is_chosen else QFont.Weight.Normal)
