"""A plot in the lab's colours: no frame, hair lines, words in the lab's type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.style import theme
from widgets.style.panel_style import font

_FLAT = 76
"""Pixels below which a plot has no room for the numbers of its x axis."""
_MARGIN = 6
"""Pixels above the curves, and below them where no axis is: half of a number of the y axis."""
_LOW = 200
"""Pixels below which an axis has few ticks."""
FAINT = 80
"""Opacity, of 255, of what lies behind a curve."""


class WordAxis(pg.AxisItem):
    """An axis whose numbers are written by a function."""

    def __init__(self, orientation: str, tick: Callable[[float], str]) -> None:
        super().__init__(orientation)
        self.tick = tick

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Write the numbers at the ticks."""
        return [self.tick(value) for value in values]

    def boundingRect(self) -> QRectF:  # noqa: N802
        """Leave room for the labels at the two ends, which pyqtgraph drops."""
        bounds: QRectF = pg.AxisItem.boundingRect(self)
        return bounds.adjusted(-24, -10, 24, 10)


class ScoreAxis(WordAxis):
    """Halves or quarters, while it shows scores from 0 to 1."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802
        """Return the distance between ticks."""
        if low > -0.1 and 0.9 < high < 1.1:
            return [(0.5 if size < _LOW else 0.25, 0)]
        return list(super().tickSpacing(low, high, size))


class Plot(QWidget):
    """Wheel and drag move along x; a double click shows everything again.

    Signals:
        fitted: everything is to be shown again.
    """

    fitted = Signal()

    def __init__(self, tick: Callable[[float], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # pyqtgraph has no types: what is of it is Any
        self.x_axis: Any = WordAxis("bottom", tick)
        self.y_axis: Any = ScoreAxis("left", _plain)
        self.canvas: Any = pg.PlotWidget(background=None, axisItems={"bottom": self.x_axis, "left": self.y_axis})
        self.item: Any = self.canvas.getPlotItem()
        self.view: Any = self.item.getViewBox()
        self.is_moved = False
        self.item.hideButtons()
        self.item.setMenuEnabled(False)
        self.item.setClipToView(True)
        self.item.layout.setContentsMargins(0, _MARGIN, 16, 0)
        self.view.setMouseEnabled(x=True, y=False)
        self.view.disableAutoRange()
        self.view.sigRangeChangedManually.connect(self._moved)
        scene: Any = self.canvas.scene()
        scene.sigMouseClicked.connect(self._clicked)
        self.y_axis.setWidth(34)
        self.y_axis.setGrid(255)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self.canvas.setMinimumHeight(72)
        self.restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Give the numbers of the x axis up before the curves."""
        super().resizeEvent(event)
        is_numbered = self.height() >= _FLAT
        self.item.showAxis("bottom", is_numbered)
        self.item.layout.setContentsMargins(0, _MARGIN, 16, 0 if is_numbered else _MARGIN)

    def add(self, item: Any) -> None:
        """Draw an item; the axes do not follow it."""
        self.item.addItem(item, ignoreBounds=True)

    def remove(self, item: Any) -> None:
        """Draw an item no more."""
        self.item.removeItem(item)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        colours = theme.current()
        for axis in (self.x_axis, self.y_axis):
            axis.setPen(QPen(Qt.PenStyle.NoPen))
            axis.setTickPen(pg.mkPen(colours.line, width=1))
            axis.setTextPen(colours.quiet)
            axis.setStyle(tickFont=font(theme.SMALL), tickLength=0, tickTextOffset=6, maxTickLevel=0, tickAlpha=255)
            axis.setStyle(hideOverlappingLabels=False)
            axis.setZValue(-30)

    def span(self, left: float, right: float) -> None:
        """Show this stretch of the x axis, unless the person has moved away."""
        if not self.is_moved and right > left:
            self.view.setXRange(left, right, padding=0)

    def reach(self, low: float, high: float) -> None:
        """Show this stretch of the y axis, and a little more."""
        margin = max((high - low) * 0.04, 1e-6)
        self.view.setYRange(low - margin, high + margin, padding=0)

    def fit(self) -> None:
        """Follow the run again, after the person has moved away."""
        self.is_moved = False
        self.fitted.emit()

    def _moved(self, *_: object) -> None:
        self.is_moved = True

    def _clicked(self, event: Any) -> None:
        if event.double():
            self.fit()


def _plain(value: float) -> str:
    return f"{value:g}"


def task_pen(hue: int | None, width: float = 1.0, opacity: int = 255) -> QPen:
    """Return a pen in a task's colour; from the eighth task on the line is broken, as its clips are hatched."""
    colour = QColor(theme.task_colour(hue))
    colour.setAlpha(opacity)
    style = Qt.PenStyle.DashDotLine if hue is not None and theme.is_hatched(hue) else Qt.PenStyle.SolidLine
    pen: QPen = pg.mkPen(colour, width=width, style=style)
    return pen
