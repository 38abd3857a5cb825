"""What the agent will do: a bar an action, as long as the action is likely."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.number_words import score
from widgets.story_style import font

ROW, TIGHT_ROW = 24, 20
"""Heights of a row, where there is room and where there is less."""
_NUMBER, _BAR, _GAP, _MARK = 34, 8, 8, 10
_GHOST = 3
"""Height of a ghost bar, and twice the room under a bar."""


class ActionBars(QWidget):
    """Rows of action, bar and probability; the chosen action is bright and has a mark before it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions: tuple[str, ...] = ()
        self._shares: tuple[float, ...] = ()
        self._chosen: int | None = None
        self._ghosts: tuple[tuple[float, ...], ...] = ()
        self._row = ROW

    def tighten(self, row: int) -> None:
        """Make rows `row` pixels high."""
        if row != self._row:
            self._row = row
            self._grow()

    def _grow(self) -> None:
        self.setMinimumHeight(self._row * len(self._actions))
        self.updateGeometry()
        self.update()

    def show_actions(self, actions: tuple[str, ...], shares: tuple[float, ...], chosen: int | None) -> bool:
        """Show how likely each action is; True if the actions themselves changed."""
        if (actions, shares, chosen) == (self._actions, self._shares, self._chosen):
            return False
        other = actions != self._actions
        self._actions, self._shares, self._chosen = actions, shares, chosen
        if other:
            self._grow()
        if QAccessible.isActive():
            said = (f"{action} {score(share)}" for action, share in zip(actions, shares, strict=True))
            self.setAccessibleDescription(", ".join(said))
        self.update()
        return other

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
        """As high as there are actions."""
        return QSize(240, self._row * len(self._actions))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the rows that are in sight."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names = self._name_width()
        for place in range(
            event.rect().top() // self._row, min(len(self._actions), event.rect().bottom() // self._row + 1)
        ):
            self._paint_row(painter, place, names)

    def _paint_row(self, painter: QPainter, place: int, names: int) -> None:
        colours, top = theme.current(), place * self._row
        chosen = place == self.likeliest
        painter.setFont(font(theme.BODY, QFont.Weight.DemiBold if chosen else QFont.Weight.Normal))
        painter.setPen(colours.text)
        if place == self._chosen:
            painter.drawText(QRectF(0, top, _MARK, self._row), Qt.AlignmentFlag.AlignVCenter, "›")
        name = painter.fontMetrics().elidedText(self._actions[place], Qt.TextElideMode.ElideRight, names)
        painter.drawText(QRectF(_MARK, top, names, self._row), Qt.AlignmentFlag.AlignVCenter, name)
        left = _MARK + names + _GAP
        high = _BAR + len(self._ghosts) * (_GHOST + 1)
        track = QRectF(left, top + (self._row - high) / 2, max(self.width() - left - _NUMBER - _GAP, 8), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        self._paint_ghosts(painter, place, track)
        track.setWidth(max(track.width() * self._shares[place], _BAR / 2))
        painter.setBrush(QColor(colours.accent if chosen else colours.quiet))
        painter.drawRoundedRect(track, min(_BAR, track.width()) / 2, _BAR / 2)
        painter.setFont(font(theme.NORMAL))
        painter.setPen(colours.quiet)
        number = QRectF(self.width() - _NUMBER, top, _NUMBER, self._row)
        painter.drawText(
            number, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, score(self._shares[place])
        )

    def _paint_ghosts(self, painter: QPainter, place: int, track: QRectF) -> None:
        for number, (shares, shade) in enumerate(zip(self._ghosts, ghost_shades(), strict=False)):
            if place < len(shares):
                under = track.bottom() + 1 + number * (_GHOST + 1)
                painter.setBrush(shade)
                painter.drawRect(QRectF(track.left(), under, max(track.width() * shares[place], 1), _GHOST))

    def _name_width(self) -> int:
        metrics = QFontMetrics(font(theme.BODY, QFont.Weight.DemiBold))
        widest = max((metrics.horizontalAdvance(action) + 2 for action in self._actions), default=0)
        return min(widest, int(self.width() * 0.45))


def ghost_shades() -> tuple[QColor, QColor]:
    """Return the shades of the first and the second ghost."""
    colours = theme.current()
    return QColor(colours.faint), QColor(colours.quiet)
