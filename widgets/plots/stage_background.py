"""What lies behind and before the curves of a plot: stages, edits, and the moment looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from widgets.plots.plot import Plot
from widgets.style import theme

_DONE, _PLANNED, _HATCHED, _VEIL = 26, 14, 60, 175
"""Opacities, of 255."""


@dataclass(frozen=True, slots=True)
class Band:
    """A tinted stretch of the x axis."""

    start: float
    end: float
    hue: int
    planned: bool


@dataclass(frozen=True, slots=True)
class EventMark:
    """Something that was changed while the run went on."""

    x: float
    text: str
    is_rollback: bool = False


class StageBackground:
    """Draws bands, marks and the playhead on a plot; each only when it changed."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._shown: tuple[tuple[Band, ...], tuple[EventMark, ...], float | None] = ((), (), None)
        self._bands: dict[Any, Any] = {}
        self._marks: dict[Any, Any] = {}
        self._veil = pg.LinearRegionItem((0, 1), movable=False, pen=QPen(Qt.PenStyle.NoPen))
        self._veil.setZValue(50)
        self._playhead = pg.InfiniteLine(angle=90)
        self._playhead.setZValue(51)
        for item in (self._veil, self._playhead):
            plot.add(item)
            item.hide()
        self._apply_theme()

    def show(self, bands: Sequence[Band], marks: Sequence[EventMark], playhead: float | None) -> None:
        """Show stages as `bands`, edits as `marks`, and dim what lies after `playhead`."""
        wanted = (tuple(bands), tuple(marks), playhead)
        if wanted == self._shown:
            return
        if wanted[0] != self._shown[0]:
            self._replace(self._bands, bands, self._band)
        if wanted[1] != self._shown[1]:
            self._replace(self._marks, marks, self._mark)
        self._shown = wanted
        self._veil.setVisible(playhead is not None)
        self._playhead.setVisible(playhead is not None)
        if playhead is not None:
            self._playhead.setValue(playhead)
            self._veil.setRegion((playhead, max([playhead, *(band.end for band in bands)]) * 2))

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self._apply_theme()
        shown, self._shown = self._shown, ((), (), None)
        self._replace(self._bands, (), self._band)
        self._replace(self._marks, (), self._mark)
        self.show(*shown)

    def _apply_theme(self) -> None:
        colours = theme.current()
        veil = QColor(colours.card)
        veil.setAlpha(_VEIL)
        self._veil.setBrush(veil)
        self._playhead.setPen(pg.mkPen(colours.accent, width=1))

    def _replace(self, shown: dict[Any, Any], wanted: Sequence[Any], make: Callable[[Any], Any]) -> None:
        """Take away what is not wanted any more, and add what is new: an item takes milliseconds."""
        for thing in shown.keys() - set(wanted):
            self._plot.remove(shown.pop(thing))
        for thing in wanted:
            if thing not in shown:
                shown[thing] = make(thing)
                self._plot.add(shown[thing])

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
            item.addMarker("<|", position=0.92, size=10)  # at the very end half of an arrow would be cut off
        else:
            item.addMarker("v", position=1.0, size=8)
        item.setToolTip(mark.text)
        item.setZValue(20)
        return item
