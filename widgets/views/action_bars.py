"""A bar chart of the policy's action probabilities."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QAccessible, QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.style import theme
from widgets.style.numbers import score
from widgets.style.panel_style import font
from widgets.style.translation import tr
from widgets.views.action_selection import MIN_ROWS, select_rows

_ROW, _TIGHT_ROW = 24, 20
"""Minimum heights of a row, with enough and with little space, in pixels; larger type needs more."""
_BAR, _GAP = 8, 8
_GHOST = 3
"""Height of a ghost bar, in pixels."""
_MIN_BAR = 64
"""Minimum width of a bar of probability 1, in pixels."""


class ActionBars(QWidget):
    """Rows of action, bar and probability; the chosen action is bright and marked.

    If `fit` got less height than all actions need, the last row counts the actions that are not drawn.
    Actions are referred to by their index in the action set, rows by their index from the top.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions: tuple[str, ...] = ()
        self._shares: tuple[float, ...] = ()
        self._chosen: int | None = None
        self._ghosts: tuple[tuple[float, ...], ...] = ()
        self._rows: int | None = None
        """Number of rows that fit; None: all."""
        self._row = _ROW
        self.drawn: tuple[int, ...] = ()
        """Indices of the actions that are drawn, from top to bottom."""

    def fit(self, available: int) -> int:
        """Show as many rows as fit into `available` pixels, at least `MIN_ROWS`; return the height in pixels."""
        rows = max(len(self._actions), 1)
        self._row = next((row for row in _heights() if rows * row <= available), _heights()[-1])
        fitting = max(min(available // self._row, rows), min(MIN_ROWS, rows))
        if fitting != self._rows:
            self._rows = fitting
            self.drawn = select_rows(self._shares, self._chosen, fitting)
        self.setFixedHeight(fitting * self._row)
        self.update()
        return fitting * self._row

    def needed_height(self, max_rows: int | None = None) -> int:
        """Return the height in pixels of all actions, or of at most `max_rows` rows."""
        rows = max(len(self._actions), 1)
        return (rows if max_rows is None else min(rows, max_rows)) * _heights()[-1]

    def show_actions(self, actions: tuple[str, ...], shares: tuple[float, ...], chosen: int | None) -> bool:
        """Show the probability of each action; return whether the actions themselves changed."""
        if (actions, shares, chosen) == (self._actions, self._shares, self._chosen):
            return False
        has_new_actions = actions != self._actions
        # an action that is in the old and the new set stays in its row
        before = [self._actions[index] for index in self.drawn]
        previous = [actions.index(phrase) if phrase in actions else None for phrase in before]
        self._actions, self._shares, self._chosen = actions, shares, chosen
        self.drawn = select_rows(shares, chosen, len(actions) if self._rows is None else self._rows, previous)
        if has_new_actions and self._rows is None:
            self.setMinimumHeight(self._row * len(actions))
            self.updateGeometry()
        if QAccessible.isActive():
            self.setAccessibleDescription(self._listed(range(len(actions))))
        self.update()
        return has_new_actions

    def _listed(self, indices: Iterable[int]) -> str:
        return ", ".join(f"{self._actions[index]} {score(self._shares[index])}" for index in indices)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Indices of the actions that are not drawn but counted in the last row, by descending probability."""
        hidden = set(range(len(self._actions))).difference(self.drawn)
        return tuple(sorted(hidden, key=lambda index: (-self._shares[index], index)))

    def show_ghosts(self, ghosts: tuple[tuple[float, ...], ...]) -> None:
        """Show the probabilities under other agents as thin bars below each bar; the first agent's are faintest."""
        if ghosts != self._ghosts:
            self._ghosts = ghosts
            self.update()

    @property
    def likeliest(self) -> int | None:
        """Index of the chosen action or, before the choice, of the most probable one."""
        if self._chosen is not None or not self._shares:
            return self._chosen
        return max(range(len(self._shares)), key=self._shares.__getitem__)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the height of all rows."""
        return QSize(240, self._row * (len(self._actions) if self._rows is None else self._rows))

    def event(self, event: QEvent) -> bool:
        """Show the tooltip of the row under the mouse."""
        if isinstance(event, QHelpEvent) and (text := self.tooltip_text(event.pos().y() // self._row)):
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def tooltip_text(self, row: int) -> str:
        """Return an elided name in full or, for the last row, the actions it counts; otherwise an empty string."""
        if row < len(self.drawn):
            name = self._actions[self.drawn[row]]
            return name if QFontMetrics(_bold()).horizontalAdvance(name) > self._name_width() else ""
        return self._listed(self.hidden)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the rows that need repainting."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        name_width = self._name_width()
        for row, index in enumerate(self.drawn):
            if event.rect().top() < (row + 1) * self._row and event.rect().bottom() >= row * self._row:
                self._paint_action(painter, row * self._row, index, name_width)
        if hidden := self.hidden:
            self._paint_others(painter, len(self.drawn) * self._row, hidden, name_width)

    def _paint_action(self, painter: QPainter, top: int, index: int, name_width: int) -> None:
        colours, bright = theme.current(), index == self.likeliest
        if index == self._chosen:
            painter.setPen(colours.text)
            painter.setFont(_bold())
            painter.drawText(QRectF(0, top, _mark_width(), self._row), Qt.AlignmentFlag.AlignVCenter, "›")
        painter.setPen(colours.text)
        painter.setFont(_bold() if bright else font(theme.BODY))
        self._paint_name(painter, top, self._actions[index], name_width)
        colour = colours.accent if bright else colours.quiet
        track = self._paint_bar(painter, top, name_width, self._shares[index], colour)
        self._paint_ghosts(painter, index, track)

    def _paint_others(self, painter: QPainter, top: int, hidden: tuple[int, ...], name_width: int) -> None:
        colours = theme.current()
        painter.setPen(colours.quiet)
        painter.setFont(font(theme.NORMAL))
        self._paint_name(painter, top, tr("and {count} more", count=len(hidden)), name_width)
        share = sum(self._shares[index] for index in hidden)
        self._paint_bar(painter, top, name_width, share, colours.faint)

    def _paint_name(self, painter: QPainter, top: int, name: str, width: int) -> None:
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRectF(_mark_width(), top, width, self._row), Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_bar(self, painter: QPainter, top: int, name_width: int, share: float, colour: str) -> QRectF:
        """Paint the bar and the number of a row; return the rectangle of a bar of probability 1."""
        colours, right = theme.current(), self.width() - _number_width()
        painter.setPen(colours.quiet)
        painter.setFont(font(theme.NORMAL))
        number_box = QRectF(right, top, _number_width(), self._row)
        painter.drawText(number_box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, score(share))
        left, high = _mark_width() + name_width + _GAP, _BAR + len(self._ghosts) * (_GHOST + 1)
        track = QRectF(left, top + (self._row - high) / 2, max(right - left - _GAP, _BAR), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        for width, shade in ((track.width(), colours.raised), (max(track.width() * share, _BAR / 2), colour)):
            painter.setBrush(QColor(shade))
            painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(width, _BAR)), _BAR / 2, _BAR / 2)
        return track

    def _paint_ghosts(self, painter: QPainter, index: int, track: QRectF) -> None:
        for number, (shares, shade) in enumerate(zip(self._ghosts, ghost_shades(), strict=False)):
            if index < len(shares):
                under = track.bottom() + 1 + number * (_GHOST + 1)
                painter.setBrush(shade)
                painter.drawRect(QRectF(track.left(), under, max(track.width() * shares[index], 1), _GHOST))

    def _name_width(self) -> int:
        """Return the width that the names need, limited so that the bars stay wide enough to compare."""
        metrics = QFontMetrics(_bold())
        widest = max((metrics.horizontalAdvance(action) + 2 for action in self._actions), default=0)
        if self.hidden:
            widest = max(widest, metrics.horizontalAdvance(tr("and {count} more", count=len(self.hidden))) + 2)
        others = _mark_width() + 2 * _GAP + _number_width() + _MIN_BAR
        return min(widest, max(self.width() - others, int(self.width() * 0.45)))


def ghost_shades() -> tuple[QColor, QColor]:
    """Return the colours of the bars of the first and the second other agent."""
    colours = theme.current()
    return QColor(colours.faint), QColor(colours.quiet)


def _heights() -> tuple[int, int]:
    """Return the heights of a normal and of a tight row, at the user's type size."""
    line = QFontMetrics(_bold()).height()
    return max(_ROW, line + 2), max(_TIGHT_ROW, line)


def _bold() -> QFont:
    return font(theme.BODY, QFont.Weight.DemiBold)


def _mark_width() -> int:
    return QFontMetrics(_bold()).horizontalAdvance("›") + 4


def _number_width() -> int:
    return QFontMetrics(font(theme.NORMAL)).horizontalAdvance("0.00") + _GAP
