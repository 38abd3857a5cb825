"""A vertical line at the pointer, and a card with the values of all curves there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QLabel

from widgets.plots.plot import Plot
from widgets.style import theme

_OFFSET, _KEY_STEPS = 12, 100


@dataclass(frozen=True, slots=True)
class CursorReading:
    """One row of the card: a dot in the task's colour (None: no dot), a name and a value."""

    hue: int | None
    name: str
    value: str


class Crosshair(QObject):
    """Follows the pointer; Shift with the arrow keys also moves it, and Escape hides it.

    Signals:
        moved: float, the new position on the x axis; None when it is hidden.
    """

    moved = Signal(object)

    def __init__(self, plot: Plot, read: Callable[[float], tuple[str, list[CursorReading]]]) -> None:
        super().__init__(plot)
        self._plot, self._read = plot, read
        self.x: float | None = None
        self.line = pg.InfiniteLine(angle=90)
        self.line.setZValue(60)
        self.line.hide()
        plot.add(self.line)
        self.card = QLabel(plot, textFormat=Qt.TextFormat.RichText)
        self.card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.card.hide()
        self._moves = pg.SignalProxy(plot.canvas.scene().sigMouseMoved, rateLimit=60, slot=self._follow)
        plot.canvas.installEventFilter(self)
        plot.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.restyle()

    def restyle(self) -> None:
        """Apply the theme's colours."""
        colours = theme.current()
        self.line.setPen(pg.mkPen(colours.quiet, width=1))
        self.card.setStyleSheet(
            f"background: {colours.raised}; border: 1px solid {colours.line}; border-radius: 6px; "
            f"padding: 6px 8px; color: {colours.text}; font-size: {theme.SMALL}px;"
        )

    def move_to(self, x: float | None) -> None:
        """Move to `x`; None hides the line and the card."""
        self.x = x
        self.line.setVisible(x is not None)
        if x is None:
            self.card.hide()
        else:
            self.line.setValue(x)
            self.refresh()
        self.moved.emit(x)

    def refresh(self) -> None:
        """Update the card for the current position."""
        if self.x is None:
            return
        title, readings = self._read(self.x)
        self.card.setText(_table(title, readings))
        self.card.setAccessibleName(", ".join([title, *(f"{reading.name} {reading.value}" for reading in readings)]))
        self.card.adjustSize()
        line_x = self._plot.view.mapViewToScene(QPointF(self.x, 0)).x()
        left = line_x + _OFFSET
        if left + self.card.width() > self._plot.width():
            left = line_x - _OFFSET - self.card.width()
        self.card.move(round(min(max(left, 0), max(self._plot.width() - self.card.width(), 0))), 6)
        self.card.setVisible(bool(title))
        self.card.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Hide when the pointer leaves the plot; move by keys."""
        if event.type() == QEvent.Type.Leave:
            self.move_to(None)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(event)
        return super().eventFilter(watched, event)

    def _press(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape and self.x is not None:
            self.move_to(None)
            return True
        directions = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() not in directions or event.modifiers() != Qt.KeyboardModifier.ShiftModifier:
            return False
        low, high = self._plot.view.viewRange()[0]
        start = high if self.x is None else self.x
        self.move_to(min(max(start + directions[Qt.Key(event.key())] * (high - low) / _KEY_STEPS, low), high))
        return True

    def _follow(self, positions: tuple[QPointF]) -> None:
        inside = self._plot.view.sceneBoundingRect().contains(positions[0])
        self.move_to(self._plot.view.mapSceneToView(positions[0]).x() if inside else None)


def _table(title: str, readings: list[CursorReading]) -> str:
    rows = [f"<div style='color:{theme.current().quiet}'>{escape(title)}</div>", "<table cellspacing='0'>"]
    for reading in readings:
        colour = QColor(theme.task_colour(reading.hue)).name()
        dot = "" if reading.hue is None else f"<span style='color:{colour}'>●</span>"
        rows.append(
            f"<tr><td>{dot}</td><td style='padding-left:4px'>{escape(reading.name)}</td>"
            f"<td align='right' style='padding-left:12px'>{escape(reading.value)}</td></tr>"
        )
    return "".join([*rows, "</table>"])
