"""The reward panel: score or reward of every training episode."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agents.story import Story
from widgets.panel import Panel
from widgets.plots.crosshair import Crosshair, CursorReading
from widgets.plots.event_marks import story_marks
from widgets.plots.plot import Plot
from widgets.plots.run_legend import RunLegend
from widgets.plots.run_names import storage_text
from widgets.plots.shared_history import fork_points
from widgets.plots.stage_background import Band, EventMark, StageBackground
from widgets.plots.stage_extents import Extent, extents
from widgets.reward.axis_units import UNITS
from widgets.reward.episode_curves import EpisodeCurves, Numbers, OverlayCurves
from widgets.reward.episode_series import EpisodeSeries
from widgets.reward.reward_controls import RewardControls
from widgets.reward.reward_reading import Overlay, read_curves, read_position
from widgets.reward.value_scales import LINEAR, LOGARITHMIC, ValueScale
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style.panel_style import MARGIN, reparent
from widgets.style.task_colours import hues
from widgets.style.task_names import task_name
from widgets.style.translation import tr

_NEAR = 5
"""Distance in pixels at which the crosshair shows a mark."""
_COALESCE_MS = 40


class RewardPlot(Panel):
    """Shows raw and smoothed episode values over bands for the stages."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene, self._stamp = Scene(), _stamp(Scene())
        self._series: EpisodeSeries | None = None
        self._x: Numbers = np.empty(0)
        self._overlays: list[Overlay] = []
        self._stages: list[Extent] = []
        self._marks: list[EventMark] = []
        self.controls = RewardControls(self)
        self._choice = self.controls.choice
        self.plot = Plot(self._choice.unit.tick)
        self.backdrop, self.curves = StageBackground(self.plot), EpisodeCurves(self.plot)
        self._overlay_curves, self.legend = OverlayCurves(self.plot), RunLegend()
        self.crosshair = Crosshair(self.plot, self._read)
        self._changing = QTimer(self, singleShot=True, interval=_COALESCE_MS)
        self._connect()
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(MARGIN - 6, 0, MARGIN - 8, 6)
        layout.setSpacing(0)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot)
        self._note = EmptyNote(content, self)
        reparent(self.header_widgets(), self)
        self.retranslate()

    def _connect(self) -> None:
        self.controls.changed.connect(self._changing.start)
        self.legend.changed.connect(self._redraw_overlays)
        self.controls.fit_wanted.connect(self.plot.fit)
        self._changing.timeout.connect(self._choose)
        self.plot.fitted.connect(self._fit)
        self.plot.canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.plot.canvas.customContextMenuRequested.connect(self._pop_up)

    def header_widgets(self) -> list[QWidget]:
        """Return the controls of the plot."""
        return self.controls.widgets()

    def subtitle(self) -> str:
        """Return the quantity and the smoothing."""
        text = tr("{quantity} per episode, smoothed {weight}")
        return text.format(quantity=tr(self._choice.quantity), weight=f"{self._choice.weight:g}")

    def draw(self, scene: Scene) -> None:
        """Show `scene` if it differs from the last one."""
        stamp = _stamp(scene)
        if stamp == self._stamp:
            return
        overlays_changed = scene.overlays != self._scene.overlays
        self._scene, self._stamp = scene, stamp
        self._note.reveal(content=scene.story is not None and bool(scene.story.clips))
        if scene.story is not None:
            self._update(scene.story, redraw_overlays=overlays_changed)

    def _update(self, story: Story, *, redraw_overlays: bool) -> None:
        unit, scale = self._choice.unit, self._scale
        self._stages = extents(story.until(None), self._scene.colours)
        span = self._stages[-1].end if self._stages else 1
        if self._series is None or not self._series.matches(story, self._choice.quantity, self._choice.weight, span):
            self._series = EpisodeSeries(story, self._choice.quantity, self._choice.weight, span)
            self.curves.clear()
            redraw_overlays = True
        first = self._series.update()
        self.curves.hues = hues(story.tasks, self._scene.colours)
        self._x = unit.rows(story)
        self.curves.grow(self._series, self._x, scale.position, first)
        if redraw_overlays:
            self._draw_overlays(story, span)
        self._frame(story)

    def _redraw_overlays(self) -> None:
        """Draw the overlaid runs again after one was hidden or shown."""
        if self._scene.story is not None:
            self._update(self._scene.story, redraw_overlays=True)

    def _draw_overlays(self, story: Story, span: float) -> None:
        """Draw the overlaid runs that are not hidden, each from the step at which it forked."""
        overlays = self._scene.overlays
        self.legend.set_runs([name for name, _ in overlays], [storage_text(other) for _, other in overlays])
        points = fork_points([story, *(other for _, other in overlays)])[1:]
        self._overlays = [
            self._overlay(index, span, 0 if point is None else point[1])
            for index, point in enumerate(points)
            if self.legend.is_shown(index)
        ]
        self._overlay_curves.show(self._overlays, self._scale.position)

    def _frame(self, story: Story) -> None:
        """Show stages, marks and playhead, and set the range of the axes."""
        unit, in_steps = self._choice.unit, self._choice.unit is UNITS[0]
        self._fit()
        end = self._x_end()
        bands = [
            # a running stage extends to the end of the axis, so that its band is not redrawn at every step
            Band(
                unit.position(story, stage.start),
                end if stage.end > story.step and not in_steps else unit.position(story, stage.end),
                stage.hue,
                stage.planned,
            )
            for stage in self._stages
            if in_steps or not stage.planned
        ]
        marks = story_marks(story)
        self._marks = [EventMark(unit.position(story, mark.step), mark.text, mark.is_rollback) for mark in marks]
        playhead = self._scene.playhead
        self.backdrop.show(bands, self._marks, None if playhead is None else unit.position(story, playhead))
        self.crosshair.refresh()

    def _overlay(self, index: int, span: float, since: int) -> Overlay:
        """Return the overlay of a run, from the step `since` at which it forked."""
        name, other = self._scene.overlays[index]
        first = other.episodes.rows_until(since) if since else 0
        series = EpisodeSeries(other, self._choice.quantity, self._choice.weight, span)
        series.update()
        colours = hues(other.tasks, self._scene.colours)
        return Overlay(name, series, self._choice.unit.rows(other), colours, index, first)

    @property
    def _scale(self) -> ValueScale:
        return LOGARITHMIC if self._choice.logarithmic else LINEAR

    def _choose(self) -> None:
        """Redraw with the current settings."""
        before, self._choice = self._choice, self.controls.choice
        self.curves.show_raw(self._choice.raw)
        self.controls.retranslate()
        self.plot.x_axis.tick = self._choice.unit.tick
        self.plot.y_axis.tick = self._scale.tick
        if before != self._choice and self._scene.story is not None:
            if before.unit is not self._choice.unit:
                self.plot.is_moved = False
            self._series = None
            self._update(self._scene.story, redraw_overlays=True)

    def _x_end(self) -> float:
        """Return the end of the x axis: that of the plan in steps, rounded up in other units to change it rarely."""
        if self._choice.unit is UNITS[0]:
            return float(self._stages[-1].end if self._stages else 1)
        last = float(self._x[-1]) if len(self._x) else 1.0
        story = self._scene.story
        return last if story is None or story.finished else float(2 ** (np.ceil(np.log2(max(last, 1)) * 4) / 4))

    def _fit(self) -> None:
        self.plot.set_x_range(0, max([self._x_end(), *(overlay.x[-1] for overlay in self._overlays if len(overlay.x))]))
        low, high = self._values()
        ends = self._scale.position(np.array([low, high]))
        self.plot.set_y_range(float(ends[0]), float(ends[1]))

    def _values(self) -> tuple[float, float]:
        if self._series is None or not len(self._series):
            return 0.0, 1.0
        if self._choice.robust:
            return self._series.central_range()
        if self._choice.quantity == "score":
            return 0.0, 1.0
        return self._series.low, self._series.high

    def _read(self, x: float) -> tuple[str, list[CursorReading]]:
        if self._series is None:
            return "", []
        readings = read_curves(x, self._series, self._x, self._overlays, self._scene.colours)
        near = self.plot.view.viewPixelSize()[0] * _NEAR
        readings += [CursorReading(None, mark.text, "") for mark in self._marks if abs(mark.x - x) <= near]
        title = read_position(x, self._series, self._x)
        planned = [stage for stage in self._stages if stage.start <= x < stage.end]
        if not title and planned and self._choice.unit is UNITS[0]:
            title = tr("still to come: {task}", task=task_name(planned[0].task))
        return title, readings

    def _pop_up(self, position: QPoint) -> None:
        self.controls.menu.popup(self.plot.canvas.mapToGlobal(position))

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._note.set_text(tr("The score of every episode appears here as the agent learns. Press Space to start."))
        self.plot.canvas.setAccessibleName(tr("Reward of every training episode"))
        self.plot.canvas.setAccessibleDescription(
            tr("Shift and the arrow keys read the curves out; a double click fits them")
        )
        self.controls.retranslate()
        self.legend.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the legend to the new height."""
        super().resizeEvent(event)
        self.legend.fit_height(event.size().height())

    def restyle(self) -> None:
        """Apply the theme's colours."""
        drawn = (self.curves, self._overlay_curves, self.backdrop, self.crosshair)
        for part in (self.plot, self.controls, self.legend, *drawn):
            part.restyle()


def _stamp(scene: Scene) -> tuple[object, ...]:
    """Return a key of what this plot draws of a scene: with an equal key nothing has to be redrawn."""
    if (story := scene.story) is None:
        return (None,)
    ended = sum(clip.end is not None for clip in story.clips)
    counts = (len(story.episodes), len(story.clips), ended, len(story.marks), len(story.curricula))
    changes = (len(story.resumed), len(story.rolled_back), story.finished is None)
    return (story, *counts, *changes, scene.playhead, scene.overlays)
