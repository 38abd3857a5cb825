"""Draws an episode series: raw values faint, the smoothed curve on top.

The curves of a long run are divided into pieces of fixed size, so that a new episode updates thousands of
values, not a million. N is the number of episodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from widgets.plots.curve import curve
from widgets.plots.plot import Plot, task_pen
from widgets.plots.run_styles import run_pen
from widgets.reward.episode_series import EpisodeSeries

CHUNK = 8_192
"""Episodes per piece."""
_FAINT = 42
"""Opacity, of 255, of raw values, which must not cover the smoothed curve: success is 0 or 1."""
_OVERLAY_POINTS = 400
"""Maximum number of points per stage of an overlaid run."""

Numbers = NDArray[np.floating[Any]]
Scale = Callable[[Numbers], Numbers]


@dataclass(slots=True)
class _Piece:
    hue: int
    first: int
    last: int
    raw: Any
    smooth: Any


class EpisodeCurves:
    """The curves of the run in front."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self.hues: Sequence[int] = ()
        """Hue of each of the run's tasks, by task id."""
        self._pieces: list[_Piece] = []
        self._raw_shown = True

    def clear(self) -> None:
        """Remove all curves."""
        for piece in self._pieces:
            self._plot.remove(piece.raw)
            self._plot.remove(piece.smooth)
        self._pieces.clear()

    def show_raw(self, shown: bool) -> None:
        """Show or hide the raw values."""
        self._raw_shown = shown
        for piece in self._pieces:
            piece.raw.setVisible(shown)

    def grow(self, series: EpisodeSeries, x: Numbers, scale: Scale, first: int) -> None:
        """Draw the episodes from `first` on; `x` has the coordinates of all episodes, (N,)."""
        for segment in series.segments:
            if segment.last <= first:
                continue
            start = max(segment.first, first)
            start -= (start - segment.first) % CHUNK
            for low in range(start, segment.last, CHUNK):
                piece = self._piece(self.hues[segment.task_id], low)
                piece.last = min(low + CHUNK, segment.last)
                # a piece includes the last point of the one before, so that the line is continuous
                rows = slice(max(low - 1, segment.first), piece.last)
                firsts = _group_starts(series.story.episodes["step"][rows])
                sizes = np.diff(firsts, append=rows.stop - rows.start)
                means, lasts = np.add.reduceat(series.raw[rows], firsts) / sizes, rows.start + firsts + sizes - 1
                piece.raw.setData(x[lasts], scale(means), skipFiniteCheck=True)
                piece.smooth.setData(x[lasts], scale(series.smooth[lasts]), skipFiniteCheck=True)

    def restyle(self) -> None:
        """Apply the theme's colours."""
        for piece in self._pieces:
            piece.raw.setPen(task_pen(piece.hue, 1, _FAINT))
            piece.smooth.setPen(task_pen(piece.hue, 2))

    def _piece(self, hue: int, first: int) -> _Piece:
        if self._pieces and self._pieces[-1].first == first:
            return self._pieces[-1]
        raw = curve(pen=task_pen(hue, 1, _FAINT), antialias=True)
        smooth = curve(pen=task_pen(hue, 2), antialias=True)
        for item, depth in ((raw, 1), (smooth, 10)):
            item.setZValue(depth)
            self._plot.add(item)
        raw.setVisible(self._raw_shown)
        self._pieces.append(_Piece(hue, first, first, raw, smooth))
        return self._pieces[-1]


def _group_starts(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first index of each group of episodes that ended at the same step, in parallel environments.

    Shapes: (N,) to (groups,). The mean of a group is drawn as one raw value: success is 0 or 1, and a line between
    single episodes would fill the plot.
    """
    return np.concatenate([[0], np.flatnonzero(np.diff(steps)) + 1])


class Overlaid(Protocol):
    """An overlaid run."""

    @property
    def series(self) -> EpisodeSeries:
        """The run's episodes."""

    @property
    def index(self) -> int:
        """Index among the overlaid runs, which selects the line style."""

    @property
    def x(self) -> Numbers:
        """The x coordinates of the episodes, (N,)."""

    @property
    def hues(self) -> Sequence[int]:
        """Hue of each of its tasks, by task id."""

    @property
    def first(self) -> int:
        """Index of the first episode after the fork; 0 if the run is no fork."""


class OverlayCurves:
    """The smoothed curves of overlaid runs, as thin dashed lines in different styles."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._items: dict[Any, tuple[int, int | None]] = {}
        """Index of the run and hue of the task of each line."""

    def show(self, runs: Sequence[Overlaid], scale: Scale) -> None:
        """Replace the curves."""
        for item in self._items:
            self._plot.remove(item)
        self._items = {}
        for run in runs:
            for segment in run.series.segments:
                if segment.last > run.first:
                    hue = run.hues[segment.task_id]
                    item = self._curve(run, scale, (max(segment.first, run.first), segment.last), hue)
                    self._items[item] = (run.index, hue)

    def _curve(self, run: Overlaid, scale: Scale, ends: tuple[int, int], hue: int) -> Any:
        rows = slice(*ends, max((ends[1] - ends[0]) // _OVERLAY_POINTS, 1))
        pen = run_pen(run.index, hue)
        item = curve(run.x[rows], scale(run.series.smooth[rows]), pen=pen, antialias=True)
        item.setZValue(5)
        self._plot.add(item)
        return item

    def restyle(self) -> None:
        """Apply the theme's colours."""
        for item, (index, hue) in self._items.items():
            item.setPen(run_pen(index, hue))
