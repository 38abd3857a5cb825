"""A pyqtgraph plot in the theme's colours and fonts, without a frame."""

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
"""Height in pixels below which the labels of the x axis are hidden."""
_MARGIN = 6
"""Margin above the curves, and below them without an x axis, in pixels: half the height of a label."""
_LOW = 200
"""Length of an axis in pixels below which it has few ticks."""
FAINT = 80
"""Opacity, of 255, of lines behind a curve."""


class FormattedAxis(pg.AxisItem):
    """An axis whose labels are formatted by a function."""

    def __init__(self, orientation: str, tick: Callable[[float], str]) -> None:
        super().__init__(orientation)
        self.tick = tick

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Return the labels of the ticks."""
        return [self.tick(value) for value in values]

    def boundingRect(self) -> QRectF:  # noqa: N802
        """Return enlarged bounds, so that pyqtgraph does not drop the labels at the two ends."""
        bounds: QRectF = pg.AxisItem.boundingRect(self)
        return bounds.adjusted(-24, -10, 24, 10)


class ScoreAxis(FormattedAxis):
    """An axis with ticks at halves or quarters while its range is that of scores, 0 to 1."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802
        """Return (spacing, offset) of each level of ticks, for a range from `low` to `high` on `size` pixels."""
        if low > -0.1 and 0.9 < high < 1.1:
            return [(0.5 if size < _LOW else 0.25, 0)]
        return list(super().tickSpacing(low, high, size))


class Plot(QWidget):
    """A plot that is zoomed and panned along x by the mouse; a double click resets it.

    Signals:
        fitted: the plot was reset to show everything.
    """

    fitted = Signal()

    def __init__(self, tick: Callable[[float], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # pyqtgraph is untyped, so its objects are Any
        self.x_axis: Any = FormattedAxis("bottom", tick)
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
        """Hide the x axis when the plot is low."""
        super().resizeEvent(event)
        is_numbered = self.height() >= _FLAT
        self.item.showAxis("bottom", is_numbered)
        self.item.layout.setContentsMargins(0, _MARGIN, 16, 0 if is_numbered else _MARGIN)

    def add(self, item: Any) -> None:
        """Add an item that does not affect the range of the axes."""
        self.item.addItem(item, ignoreBounds=True)

    def remove(self, item: Any) -> None:
        """Remove an item."""
        self.item.removeItem(item)

    def restyle(self) -> None:
        """Apply the theme's colours."""
        colours = theme.current()
        for axis in (self.x_axis, self.y_axis):
            axis.setPen(QPen(Qt.PenStyle.NoPen))
            axis.setTickPen(pg.mkPen(colours.line, width=1))
            axis.setTextPen(colours.quiet)
            axis.setStyle(tickFont=font(theme.SMALL), tickLength=0, tickTextOffset=6, maxTickLevel=0, tickAlpha=255)
            axis.setStyle(hideOverlappingLabels=False)
            axis.setZValue(-30)

    def set_x_range(self, left: float, right: float) -> None:
        """Set the range of the x axis, unless the user has zoomed or panned."""
        if not self.is_moved and right > left:
            self.view.setXRange(left, right, padding=0)

    def set_y_range(self, low: float, high: float) -> None:
        """Set the range of the y axis, with a margin."""
        margin = max((high - low) * 0.04, 1e-6)
        self.view.setYRange(low - margin, high + margin, padding=0)

    def fit(self) -> None:
        """Reset zoom and pan."""
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
    """Return a pen in a task's colour, dashed for hues whose clips are hatched."""
    colour = QColor(theme.task_colour(hue))
    colour.setAlpha(opacity)
    style = Qt.PenStyle.DashDotLine if hue is not None and theme.is_hatched(hue) else Qt.PenStyle.SolidLine
    pen: QPen = pg.mkPen(colour, width=width, style=style)
    return pen
