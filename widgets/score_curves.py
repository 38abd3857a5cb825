"""Scores of every task over the whole run: what is learned, and what is lost while something else is learned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agents.story import Story, View
from widgets import theme
from widgets.backdrop import Backdrop, Band, Mark
from widgets.crosshair import Crosshair, Reading
from widgets.lineage import left
from widgets.mark_words import marks
from widgets.number_words import count, score, short_count
from widgets.quiet_plot import QuietPlot, task_pen
from widgets.scene import Scene
from widgets.stage_extents import extents
from widgets.task_names import task_names
from widgets.words import tr

_DOT = 5


class ScoreCurves(QWidget):
    """A line a task through its evaluations; other runs are dashed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: View | None = None
        self._items: list[Any] = []
        self.plot = QuietPlot(short_count)
        self.plot.reach(0, 1)
        self.plot.fitted.connect(self._fit)
        self._backdrop = Backdrop(self.plot)
        self.crosshair = Crosshair(self.plot, self._read)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)

    def draw(self, scene: Scene) -> None:
        """Show every evaluation of the scene's runs."""
        if (story := scene.story) is None:
            return
        self._view = story.until(None)
        for item in self._items:
            self.plot.remove(item)
        self._items = [self._curve(self._view, column, column, dashed=False) for column in range(len(story.tasks))]
        parts = left([story, *(other for _, other in scene.overlays)])[1:]
        for (_, other), part in zip(scene.overlays, parts, strict=True):
            for column, ours in shared_columns(story, other).items():
                since = 0 if part is None else part[1]
                self._items.append(self._curve(other.until(None), column, ours, dashed=True, since=since))
        stages = extents(self._view)
        bands = [Band(stage.start, stage.end, stage.column, stage.planned) for stage in stages]
        self._backdrop.show(bands, [Mark(step, text) for step, text in marks(story)], scene.playhead)
        self._fit()
        self.crosshair.refresh()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for part in (self.plot, self._backdrop, self.crosshair):
            part.restyle()

    def say(self, name: str) -> None:
        """Name the plot."""
        self.plot.canvas.setAccessibleName(name)

    def _curve(self, view: View, column: int, ours: int, *, dashed: bool, since: int = 0) -> Any:
        x, y = view.curve(column)
        first = max(int(np.searchsorted(x, since, side="right")) - 1, 0)  # the last one that is shared: there it leaves
        x, y = x[first:], y[first:]
        pen = task_pen(ours, 1 if dashed else 2)
        if dashed:
            pen.setDashPattern([6, 4])
        item = pg.PlotDataItem(x.astype(float), y, pen=pen, antialias=True)
        if not dashed:
            item.setSymbol("o")
            item.setSymbolSize(_DOT)
            item.setSymbolBrush(theme.task_colour(ours))
            item.setSymbolPen(pg.mkPen(None))
        item.setZValue(5 if dashed else 10)
        self.plot.add(item)
        return item

    def _fit(self) -> None:
        if self._view is not None:
            stages = extents(self._view)
            self.plot.span(0, stages[-1].end if stages else 1)

    def _read(self, x: float) -> tuple[str, list[Reading]]:
        if self._view is None:
            return "", []
        found = []
        for column, name in enumerate(task_names(self._view.tasks)):
            if (value := _last(self._view.curve(column), x)) is not None:
                found.append(Reading(column, name, score(value)))
        return tr("step {step}", step=count(max(round(x), 0))), found


def shared_columns(story: Story, other: Story) -> dict[int, int]:
    """Return our column for each column of another run whose task we have, too."""
    ours = {task.identity: column for column, task in enumerate(story.tasks)}
    return {column: ours[task.identity] for column, task in enumerate(other.tasks) if task.identity in ours}


def _last(curve: tuple[NDArray[Any], NDArray[Any]], x: float) -> float | None:
    place = int(np.searchsorted(curve[0], x, side="right")) - 1
    return float(curve[1][place]) if place >= 0 else None
