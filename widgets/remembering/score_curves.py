"""Curves of the evaluation score of every task over the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QPen, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agents.story import Story, View
from widgets.plots.crosshair import Crosshair, CursorReading
from widgets.plots.curve import curve
from widgets.plots.event_marks import story_marks
from widgets.plots.plot import Plot, task_pen
from widgets.plots.run_legend import RunLegend
from widgets.plots.run_names import storage_text
from widgets.plots.run_styles import run_pen
from widgets.plots.shared_history import fork_points
from widgets.plots.stage_background import Band, EventMark, StageBackground
from widgets.plots.stage_extents import extents
from widgets.scene import Scene
from widgets.style import theme
from widgets.style.numbers import count, score, short_count
from widgets.style.task_colours import hues
from widgets.style.task_names import task_names
from widgets.style.translation import tr

_DOT = 5


class ScoreCurves(QWidget):
    """A line per task through its evaluations; overlaid runs are dashed lines in different styles."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: View | None = None
        self._scene = Scene()
        self._items: list[Any] = []
        self.plot = Plot(short_count)
        self.plot.set_y_range(0, 1)
        self.plot.fitted.connect(self._fit)
        self._backdrop = StageBackground(self.plot)
        self.crosshair, self.legend = Crosshair(self.plot, self._read), RunLegend()
        self.legend.changed.connect(self._redraw)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot)

    def draw(self, scene: Scene) -> None:
        """Show all evaluations of the scene's runs."""
        if (story := scene.story) is None:
            return
        self._view, self._scene = story.until(None), scene
        self.legend.set_runs([name for name, _ in scene.overlays], [storage_text(other) for _, other in scene.overlays])
        for item in self._items:
            self.plot.remove(item)
        self._items = [self._own(self._view, *pair) for pair in enumerate(hues(story.tasks, scene.colours))]
        points = fork_points([story, *(other for _, other in scene.overlays)])[1:]
        for index, point in enumerate(points):
            if self.legend.is_shown(index):
                self._items += self._other(index, 0 if point is None else point[1])
        stages = extents(self._view, scene.colours)
        bands = [Band(stage.start, stage.end, stage.hue, stage.planned) for stage in stages]
        self._backdrop.show(bands, [EventMark(*mark) for mark in story_marks(story)], scene.playhead)
        self._fit()
        self.crosshair.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the legend to the new height."""
        super().resizeEvent(event)
        self.legend.fit_height(event.size().height())

    def restyle(self) -> None:
        """Apply the theme's colours."""
        for part in (self.plot, self._backdrop, self.crosshair, self.legend):
            part.restyle()
        self._redraw()

    def _redraw(self) -> None:
        self.draw(self._scene)

    def set_name(self, name: str) -> None:
        """Set the plot's accessible name."""
        self.plot.canvas.setAccessibleName(name)

    def _own(self, view: View, task_id: int, hue: int) -> Any:
        item = self._curve(*view.curve(task_id), pen=task_pen(hue, 2), depth=10)
        item.setSymbol("o")
        item.setSymbolSize(_DOT)
        item.setSymbolBrush(theme.task_colour(hue))
        item.setSymbolPen(pg.mkPen(None))
        return item

    def _other(self, index: int, since: int) -> list[Any]:
        """Return the curves of an overlaid run, from the last evaluation at or before step `since`, where it forked."""
        items, other = [], self._scene.overlays[index][1]
        for task_id, hue in enumerate(hues(other.tasks, self._scene.colours)):
            x, y = other.until(None).curve(task_id)
            first = max(int(np.searchsorted(x, since, side="right")) - 1, 0)
            items.append(self._curve(x[first:], y[first:], pen=run_pen(index, hue), depth=5))
        return items

    def _curve(self, x: NDArray[Any], y: NDArray[Any], *, pen: QPen, depth: int) -> Any:
        item = curve(x.astype(float), y, pen=pen, antialias=True)
        item.setZValue(depth)
        self.plot.add(item)
        return item

    def _fit(self) -> None:
        if self._view is not None:
            stages = extents(self._view, self._scene.colours)
            self.plot.set_x_range(0, stages[-1].end if stages else 1)

    def _read(self, x: float) -> tuple[str, list[CursorReading]]:
        if self._view is None:
            return "", []
        readings = []
        for task_id, name in enumerate(task_names(self._view.tasks, self._scene.colours)):
            if (value := _last(self._view.curve(task_id), x)) is not None:
                readings.append(CursorReading(name.hue, name, score(value)))
        return tr("step {step}", step=count(max(round(x), 0))), readings


def shared_task_ids(story: Story, other: Story) -> dict[int, int]:
    """Return a map from the task ids of `other` to those of `story`, for the tasks that both have."""
    ours = {task.identity: task_id for task_id, task in enumerate(story.tasks)}
    return {task_id: ours[task.identity] for task_id, task in enumerate(other.tasks) if task.identity in ours}


def _last(curve: tuple[NDArray[Any], NDArray[Any]], x: float) -> float | None:
    index = int(np.searchsorted(curve[0], x, side="right")) - 1
    return float(curve[1][index]) if index >= 0 else None
