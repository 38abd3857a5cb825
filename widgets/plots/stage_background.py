"""Background of a plot over steps: bands for stages, marks for interventions, and the playhead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from widgets.plots.plot import Plot
from widgets.style import theme

_DONE, _PLANNED, _HATCHED, _SHADE = 26, 14, 60, 175
"""Opacities, of 255."""


@dataclass(frozen=True, slots=True)
class Band:
    """A tinted interval of the x axis."""

    start: float
    end: float
    hue: int
    planned: bool


@dataclass(frozen=True, slots=True)
class EventMark:
    """An intervention in the run, such as an edit or a rollback."""

    x: float
    text: str
    is_rollback: bool = False


class StageBackground:
    """Draws bands, marks and the playhead on a plot, and updates only what changed."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._shown: tuple[tuple[Band, ...], tuple[EventMark, ...], float | None] = ((), (), None)
        self._bands: dict[Any, Any] = {}
        self._marks: dict[Any, Any] = {}
        self._shade = pg.LinearRegionItem((0, 1), movable=False, pen=QPen(Qt.PenStyle.NoPen))
        self._shade.setZValue(50)
        self._playhead = pg.InfiniteLine(angle=90)
        self._playhead.setZValue(51)
        for item in (self._shade, self._playhead):
            plot.add(item)
            item.hide()
        self._apply_theme()

    def show(self, bands: Sequence[Band], marks: Sequence[EventMark], playhead: float | None) -> None:
        """Show bands and marks, and dim the plot after `playhead`."""
        wanted = (tuple(bands), tuple(marks), playhead)
        if wanted == self._shown:
            return
        if wanted[0] != self._shown[0]:
            self._replace(self._bands, bands, self._band)
        if wanted[1] != self._shown[1]:
            self._replace(self._marks, marks, self._mark)
        self._shown = wanted
        self._shade.setVisible(playhead is not None)
        self._playhead.setVisible(playhead is not None)
        if playhead is not None:
            self._playhead.setValue(playhead)
            self._shade.setRegion((playhead, max([playhead, *(band.end for band in bands)]) * 2))

    def restyle(self) -> None:
        """Apply the theme's colours."""
        self._apply_theme()
        shown, self._shown = self._shown, ((), (), None)
        self._replace(self._bands, (), self._band)
        self._replace(self._marks, (), self._mark)
        self.show(*shown)

    def _apply_theme(self) -> None:
        colours = theme.current()
        shade = QColor(colours.card)
        shade.setAlpha(_SHADE)
        self._shade.setBrush(shade)
        self._playhead.setPen(pg.mkPen(colours.accent, width=1))

    def _replace(self, shown: dict[Any, Any], wanted: Sequence[Any], make: Callable[[Any], Any]) -> None:
        """Remove and add only the items that differ, because each takes milliseconds."""
        for key in shown.keys() - set(wanted):
            self._plot.remove(shown.pop(key))
        for key in wanted:
            if key not in shown:
                shown[key] = make(key)
                self._plot.add(shown[key])

    def _band(self, band: Band) -> pg.LinearRegionItem:
        colour = theme.task_colour(band.hue)
        hatched = theme.is_hatched(band.hue)
        colour.setAlpha(_HATCHED if hatched else _PLANNED if band.planned else _DONE)
        style = Qt.BrushStyle.BDiagPattern if hatched else Qt.BrushStyle.SolidPattern
        item = pg.LinearRegionItem((band.start, band.end), movable=False, brush=QBrush(colour, style))
        for line in item.lines:
            line.setPen(pg.mkPen(theme.current().line, width=1))
        item.setZValue(-40)
        return item

    def _mark(self, mark: EventMark) -> pg.InfiniteLine:
        pen = pg.mkPen(theme.current().quiet, width=1, style=Qt.PenStyle.DotLine)
        item = pg.InfiniteLine(mark.x, angle=90, pen=pen)
        if mark.is_rollback:
            item.addMarker("<|", position=0.92, size=10)  # at position 1 half of the arrow would be cut off
        else:
            item.addMarker("v", position=1.0, size=8)
        item.setToolTip(mark.text)
        item.setZValue(20)
        return item
