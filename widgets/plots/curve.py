"""A line through any number of points: as few are drawn as look the same, and what is missing stays a gap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.graphicsItems.PlotDataItem import PlotDataset

Numbers = NDArray[np.floating[Any]]


def curve(*points: Any, **options: Any) -> Any:
    """Return an item for a plot; it takes what pyqtgraph's `PlotDataItem` takes."""
    return _Curve(*points, **options)  # type: ignore[no-untyped-call]


class _Curve(pg.PlotDataItem):
    """Takes the place of pyqtgraph's downsampling.

    That one cuts the points into bins of equal number. A bin that holds one NaN is left out, so that a long curve with
    gaps vanishes; what is left over behind the last bin is never drawn; and where points are unevenly spread, a bin may
    be wider than a pixel.
    """

    _drawn: tuple[PlotDataset, float, PlotDataset] | None = None
    """What was clipped, for how wide a pixel, and what was made of it; the first is another object once it changed."""

    def setDownsampling(self, *_: object, **__: object) -> None:  # noqa: N802
        """Stay as it is: a plot tells each item how it would have points left out."""

    def _getDisplayDataset(self) -> PlotDataset | None:  # noqa: N802
        """Return the points to draw; pyqtgraph asks again whenever another stretch of x is shown."""
        points, view = super()._getDisplayDataset(), self.getViewBox()  # type: ignore[no-untyped-call]
        if points is None or view is None or points.connect is not None:
            return points
        pixel = view.viewRect().width() / max(view.width() * self.pixel_ratio(), 1.0)
        if self._drawn is not None and self._drawn[:2] == (points, pixel):
            return self._drawn[2]
        x, y = np.asarray(points.x, dtype=float), np.asarray(points.y, dtype=float)
        few = PlotDataset(*with_dots(*reduced(x, y, pixel), pixel), points.xAllFinite, points.yAllFinite)
        self._drawn = (points, pixel, few)
        return few

    def pixel_ratio(self) -> float:
        """Return how many pixels of the screen one of the plot's is wide."""
        widget = self.getViewWidget()  # type: ignore[no-untyped-call]
        return 1.0 if widget is None else float(widget.devicePixelRatioF())


def reduced(x: Numbers, y: Numbers, pixel: float) -> tuple[Numbers, Numbers]:
    """Return few points that draw as all of them do where a pixel is `pixel` wide; x grows.

    Of the points of one column of pixels the first, the lowest, the highest and the last are kept (M4, Jugel et al.,
    2014), in their order, and a NaN at either end of it. Shapes: (N,), to (M,) with M <= 6 (columns).
    """
    if len(x) < 2 or not pixel > 0 or not np.isfinite(x[[0, -1]]).all() or (x[-1] - x[0]) / pixel * 6 > len(x):
        return x, y
    starts = np.flatnonzero(np.diff(np.floor(x / pixel), prepend=-np.inf))
    ends = np.append(starts[1:], len(x)) - 1
    known, places = np.isfinite(y), np.arange(len(x))
    lowest = _first_at(np.where(known, y, np.inf), np.minimum, starts)
    highest = _first_at(np.where(known, y, -np.inf), np.maximum, starts)
    lasts = np.maximum.reduceat(np.where(known, places, -1), starts)
    firsts = np.minimum.reduceat(np.where(known, places, len(x)), starts)
    lasts, firsts = np.maximum(lasts, starts), np.minimum(firsts, ends)  # a column without any: its first NaN
    kept = np.unique(np.concatenate([starts, ends, firsts, lasts, lowest, highest]))
    return x[kept], y[kept]


def _first_at(values: Numbers, best: np.ufunc, starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where in each stretch its best value stands first."""
    counts = np.diff(np.append(starts, len(values)))
    places = np.where(values == np.repeat(best.reduceat(values, starts), counts), np.arange(len(values)), len(values))
    first: NDArray[np.intp] = np.minimum.reduceat(places, starts)
    return first


def with_dots(x: Numbers, y: Numbers, pixel: float) -> tuple[Numbers, Numbers]:
    """Return the points with one a pixel before each that stands alone between gaps: a line needs a length to be drawn.

    Shapes: (N,), to (M,) with M <= 2 N.
    """
    known = np.concatenate([[False], np.isfinite(y), [False]])
    alone = np.flatnonzero(known[1:-1] & ~known[:-2] & ~known[2:])
    return np.insert(x, alone, x[alone] - pixel), np.insert(y, alone, y[alone])
