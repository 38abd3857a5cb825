"""What the agent will do: a bar an action, as long as the action is likely."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QAccessible, QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.style import theme
from widgets.style.numbers import score
from widgets.style.panel_style import font
from widgets.style.translation import tr
from widgets.views.action_selection import LEAST_ROWS, folded

_ROW, _TIGHT_ROW = 24, 20
"""Least heights of a row, where there is room and where there is less; larger type needs more."""
_BAR, _GAP = 8, 8
_GHOST = 3
"""Height of a ghost bar, and twice the room under a bar."""
_LEAST_BAR = 64


class ActionBars(QWidget):
    """Rows of action, bar and probability; the chosen action is bright and has a mark before it.

    Where `fit` was told of less room than the menu needs, the last row counts the actions that are not drawn.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions: tuple[str, ...] = ()
        self._shares: tuple[float, ...] = ()
        self._chosen: int | None = None
        self._ghosts: tuple[tuple[float, ...], ...] = ()
        self._rows: int | None = None
        """How many rows there is room for; None: for all."""
        self._row = _ROW
        self.drawn: tuple[int, ...] = ()
        """Places in the menu of the actions that are drawn, from top to bottom."""

    def fit(self, room: int) -> int:
        """Take as many rows as `room` pixels hold, at least `LEAST_ROWS`; return the height."""
        rows = max(len(self._actions), 1)
        self._row = next((row for row in _heights() if rows * row <= room), _heights()[-1])
        fitting = max(min(room // self._row, rows), min(LEAST_ROWS, rows))
        if fitting != self._rows:
            self._rows = fitting
            self.drawn = folded(self._shares, self._chosen, fitting)
        self.setFixedHeight(fitting * self._row)
        self.update()
        return fitting * self._row

    def needed(self, most: int | None = None) -> int:
        """Return the pixels that the whole menu needs, or `most` rows of it."""
        rows = max(len(self._actions), 1)
        return (rows if most is None else min(rows, most)) * _heights()[-1]

    def show_actions(self, actions: tuple[str, ...], shares: tuple[float, ...], chosen: int | None) -> bool:
        """Show how likely each action is; True if the actions themselves changed."""
        if (actions, shares, chosen) == (self._actions, self._shares, self._chosen):
            return False
        other = actions != self._actions
        # an action keeps its row in another menu, too
        before = [self._actions[place] for place in self.drawn]
        kept = [actions.index(phrase) if phrase in actions else None for phrase in before]
        self._actions, self._shares, self._chosen = actions, shares, chosen
        self.drawn = folded(shares, chosen, len(actions) if self._rows is None else self._rows, kept)
        if other and self._rows is None:
            self.setMinimumHeight(self._row * len(actions))
            self.updateGeometry()
        if QAccessible.isActive():
            self.setAccessibleDescription(self._listed(range(len(actions))))
        self.update()
        return other

    def _listed(self, places: Iterable[int]) -> str:
        return ", ".join(f"{self._actions[place]} {score(self._shares[place])}" for place in places)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Places in the menu of the actions that the last row counts, the likeliest first."""
        hidden = set(range(len(self._actions))).difference(self.drawn)
        return tuple(sorted(hidden, key=lambda place: (-self._shares[place], place)))

    def show_ghosts(self, ghosts: tuple[tuple[float, ...], ...]) -> None:
        """Show under each bar how likely other agents find the action: a thin bar each, the first ones faintest."""
        if ghosts != self._ghosts:
            self._ghosts = ghosts
            self.update()

    @property
    def likeliest(self) -> int | None:
        """The action that was chosen, or else the one that most likely will be."""
        if self._chosen is not None or not self._shares:
            return self._chosen
        return max(range(len(self._shares)), key=self._shares.__getitem__)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as there are rows."""
        return QSize(240, self._row * (len(self._actions) if self._rows is None else self._rows))

    def event(self, event: QEvent) -> bool:
        """Tell of an action under the pointer what its row leaves out."""
        if isinstance(event, QHelpEvent) and (told := self.tip(event.pos().y() // self._row)):
            QToolTip.showText(event.globalPos(), told, self)
            return True
        return super().event(event)

    def tip(self, row: int) -> str:
        """Return all actions that the last row counts, or the whole of a name that is cut short; else nothing."""
        if row < len(self.drawn):
            name = self._actions[self.drawn[row]]
            return name if QFontMetrics(_bold()).horizontalAdvance(name) > self._name_width() else ""
        return self._listed(self.hidden)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the rows that are in sight."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names = self._name_width()
        for row, place in enumerate(self.drawn):
            if event.rect().top() < (row + 1) * self._row and event.rect().bottom() >= row * self._row:
                self._paint_action(painter, row * self._row, place, names)
        if hidden := self.hidden:
            self._paint_others(painter, len(self.drawn) * self._row, hidden, names)

    def _paint_action(self, painter: QPainter, top: int, place: int, names: int) -> None:
        colours, bright = theme.current(), place == self.likeliest
        if place == self._chosen:
            painter.setPen(colours.text)
            painter.setFont(_bold())
            painter.drawText(QRectF(0, top, _mark_width(), self._row), Qt.AlignmentFlag.AlignVCenter, "›")
        painter.setPen(colours.text)
        painter.setFont(_bold() if bright else font(theme.BODY))
        self._paint_name(painter, top, self._actions[place], names)
        track = self._paint_bar(painter, top, names, self._shares[place], colours.accent if bright else colours.quiet)
        self._paint_ghosts(painter, place, track)

    def _paint_others(self, painter: QPainter, top: int, hidden: tuple[int, ...], names: int) -> None:
        colours = theme.current()
        painter.setPen(colours.quiet)
        painter.setFont(font(theme.NORMAL))
        self._paint_name(painter, top, tr("and {count} more", count=len(hidden)), names)
        share = sum(self._shares[place] for place in hidden)
        self._paint_bar(painter, top, names, share, colours.faint)

    def _paint_name(self, painter: QPainter, top: int, name: str, width: int) -> None:
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRectF(_mark_width(), top, width, self._row), Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_bar(self, painter: QPainter, top: int, names: int, share: float, colour: str) -> QRectF:
        """Paint the bar and the number of a row; return where the full bar would lie."""
        colours, right = theme.current(), self.width() - _number_width()
        painter.setPen(colours.quiet)
        painter.setFont(font(theme.NORMAL))
        place = QRectF(right, top, _number_width(), self._row)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, score(share))
        left, high = _mark_width() + names + _GAP, _BAR + len(self._ghosts) * (_GHOST + 1)
        track = QRectF(left, top + (self._row - high) / 2, max(right - left - _GAP, _BAR), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        for width, shade in ((track.width(), colours.raised), (max(track.width() * share, _BAR / 2), colour)):
            painter.setBrush(QColor(shade))
            painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(width, _BAR)), _BAR / 2, _BAR / 2)
        return track

    def _paint_ghosts(self, painter: QPainter, place: int, track: QRectF) -> None:
        for number, (shares, shade) in enumerate(zip(self._ghosts, ghost_shades(), strict=False)):
            if place < len(shares):
                under = track.bottom() + 1 + number * (_GHOST + 1)
                painter.setBrush(shade)
                painter.drawRect(QRectF(track.left(), under, max(track.width() * shares[place], 1), _GHOST))

    def _name_width(self) -> int:
        """Give names the room that they need, and bars what is left, but never less than is told apart."""
        metrics = QFontMetrics(_bold())
        widest = max((metrics.horizontalAdvance(action) + 2 for action in self._actions), default=0)
        if self.hidden:
            widest = max(widest, metrics.horizontalAdvance(tr("and {count} more", count=len(self.hidden))) + 2)
        others = _mark_width() + 2 * _GAP + _number_width() + _LEAST_BAR
        return min(widest, max(self.width() - others, int(self.width() * 0.45)))


def ghost_shades() -> tuple[QColor, QColor]:
    """Return the shades of the first and the second ghost."""
    colours = theme.current()
    return QColor(colours.faint), QColor(colours.quiet)


def _heights() -> tuple[int, int]:
    """Return the heights of a row, in the type that the person chose."""
    line = QFontMetrics(_bold()).height()
    return max(_ROW, line + 2), max(_TIGHT_ROW, line)


def _bold() -> QFont:
    return font(theme.BODY, QFont.Weight.DemiBold)


def _mark_width() -> int:
    return QFontMetrics(_bold()).horizontalAdvance("›") + 4


def _number_width() -> int:
    return QFontMetrics(font(theme.NORMAL)).horizontalAdvance("0.00") + _GAP
