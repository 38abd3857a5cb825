"""A curve of any number of points, downsampled without a visible difference; NaN values are gaps."""

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
    """Replaces pyqtgraph's downsampling.

    That one divides the points into bins of equal number. A bin with a NaN is left out, so that a long curve with
    gaps vanishes; points after the last full bin are never drawn; and where points are unevenly spaced, a bin may be
    wider than a pixel.
    """

    _drawn: tuple[PlotDataset, float, PlotDataset] | None = None
    """Cache: the clipped data set (another object once it changed), the width of a pixel, and the downsampled one."""

    def setDownsampling(self, *_: object, **__: object) -> None:  # noqa: N802
        """Ignore the setting, which a pyqtgraph plot passes to each of its items."""

    def _getDisplayDataset(self) -> PlotDataset | None:  # noqa: N802
        """Return the points to draw; pyqtgraph calls this whenever the visible range of x changes."""
        points, view = super()._getDisplayDataset(), self.getViewBox()  # type: ignore[no-untyped-call]
        if points is None or view is None or points.connect is not None:
            return points
        pixel = view.viewRect().width() / max(view.width() * self.pixel_ratio(), 1.0)
        if self._drawn is not None and self._drawn[:2] == (points, pixel):
            return self._drawn[2]
        x, y = np.asarray(points.x, dtype=float), np.asarray(points.y, dtype=float)
        sampled = PlotDataset(*with_dots(*downsample(x, y, pixel), pixel), points.xAllFinite, points.yAllFinite)
        self._drawn = (points, pixel, sampled)
        return sampled

    def pixel_ratio(self) -> float:
        """Return the device pixel ratio of the screen."""
        widget = self.getViewWidget()  # type: ignore[no-untyped-call]
        return 1.0 if widget is None else float(widget.devicePixelRatioF())


def downsample(x: Numbers, y: Numbers, pixel: float) -> tuple[Numbers, Numbers]:
    """Select points that draw the same curve as all N points if a pixel is `pixel` wide; x is ascending.

    Of the points in one column of pixels, the first, lowest, highest and last one are selected (M4, Jugel et al.,
    2014), and a NaN at either end. Shapes: (N,) to (M,), with M <= 6 times the number of columns.
    """
    if len(x) < 2 or not pixel > 0 or not np.isfinite(x[[0, -1]]).all() or (x[-1] - x[0]) / pixel * 6 > len(x):
        return x, y
    starts = np.flatnonzero(np.diff(np.floor(x / pixel), prepend=-np.inf))  # (C,): first point of each column
    ends = np.append(starts[1:], len(x)) - 1  # (C,)
    known, indices = np.isfinite(y), np.arange(len(x))
    lowest = _first_at(np.where(known, y, np.inf), np.minimum, starts)
    highest = _first_at(np.where(known, y, -np.inf), np.maximum, starts)
    lasts = np.maximum.reduceat(np.where(known, indices, -1), starts)
    firsts = np.minimum.reduceat(np.where(known, indices, len(x)), starts)
    lasts, firsts = np.maximum(lasts, starts), np.minimum(firsts, ends)  # NaN columns: the ends
    selected = np.unique(np.concatenate([starts, ends, firsts, lasts, lowest, highest]))
    return x[selected], y[selected]


def _first_at(values: Numbers, best: np.ufunc, starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the index of the first optimal value of each column: values (N,), starts (C,), result (C,)."""
    counts = np.diff(np.append(starts, len(values)))
    is_best = values == np.repeat(best.reduceat(values, starts), counts)  # (N,)
    indices = np.where(is_best, np.arange(len(values)), len(values))
    first: NDArray[np.intp] = np.minimum.reduceat(indices, starts)
    return first


def with_dots(x: Numbers, y: Numbers, pixel: float) -> tuple[Numbers, Numbers]:
    """Add a point one pixel before each isolated point between gaps, because a line needs a length to be drawn.

    Shapes: (N,) to (M,), with M <= 2 N.
    """
    known = np.concatenate([[False], np.isfinite(y), [False]])
    isolated = np.flatnonzero(known[1:-1] & ~known[:-2] & ~known[2:])
    return np.insert(x, isolated, x[isolated] - pixel), np.insert(y, isolated, y[isolated])
