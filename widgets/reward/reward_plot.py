"""Reward of every training episode: how learning goes."""

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
from widgets.reward.reward_reading import Overlay, read_curves, read_place
from widgets.reward.value_scales import LINEAR, LOGARITHMIC, ValueScale
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style.panel_style import MARGIN, reparent
from widgets.style.task_colours import hues
from widgets.style.task_names import task_name
from widgets.style.translation import tr

_NEAR = 5
"""Pixels within which the crosshair finds a mark."""
_COALESCE_MS = 40


class RewardPlot(Panel):
    """Raw values faint, smoothed on top, on the stages they belong to."""

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
        self.legend.changed.connect(self._lay)
        self.controls.fit_wanted.connect(self.plot.fit)
        self._changing.timeout.connect(self._choose)
        self.plot.fitted.connect(self._fit)
        self.plot.canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.plot.canvas.customContextMenuRequested.connect(self._pop_up)

    def header_widgets(self) -> list[QWidget]:
        """How the plot is read."""
        return self.controls.widgets()

    def subtitle(self) -> str:
        """What is drawn."""
        words = tr("{quantity} per episode, smoothed {weight}")
        return words.format(quantity=tr(self._choice.quantity), weight=f"{self._choice.weight:g}")

    def draw(self, scene: Scene) -> None:
        """Show `scene`; nothing happens if it tells nothing new."""
        stamp = _stamp(scene)
        if stamp == self._stamp:
            return
        laid = scene.overlays != self._scene.overlays
        self._scene, self._stamp = scene, stamp
        self._note.reveal(content=scene.story is not None and bool(scene.story.clips))
        if scene.story is not None:
            self._update(scene.story, laid=laid)

    def _update(self, story: Story, *, laid: bool) -> None:
        unit, scale = self._choice.unit, self._scale
        self._stages = extents(story.until(None), self._scene.colours)
        span = self._stages[-1].end if self._stages else 1
        if self._series is None or not self._series.suits(story, self._choice.quantity, self._choice.weight, span):
            self._series = EpisodeSeries(story, self._choice.quantity, self._choice.weight, span)
            self.curves.clear()
            laid = True
        first = self._series.follow()
        self.curves.hues = hues(story.tasks, self._scene.colours)
        self._x = unit.rows(story)
        self.curves.grow(self._series, self._x, scale.place, first)
        if laid:
            self._lay_over(story, span)
        self._frame(story)

    def _lay(self) -> None:
        """Draw the other runs again: one was hidden, or is shown again."""
        if self._scene.story is not None:
            self._update(self._scene.story, laid=True)

    def _lay_over(self, story: Story, span: float) -> None:
        """Draw the other runs that are to be shown, each each from the step at which it forked."""
        overlays = self._scene.overlays
        self.legend.set_runs([name for name, _ in overlays], [storage_text(other) for _, other in overlays])
        parts = fork_points([story, *(other for _, other in overlays)])[1:]
        self._overlays = [
            self._overlay(place, span, 0 if part is None else part[1])
            for place, part in enumerate(parts)
            if self.legend.is_shown(place)
        ]
        self._overlay_curves.show(self._overlays, self._scale.place)

    def _frame(self, story: Story) -> None:
        """Show the stages and edits, and fit the axes."""
        unit, known = self._choice.unit, self._choice.unit is UNITS[0]
        self._fit()
        end = self._x_end()
        bands = [
            # a stage that runs reaches to the end of the axis, so that its band need not be drawn again each time
            Band(
                unit.position(story, stage.start),
                end if stage.end > story.step and not known else unit.position(story, stage.end),
                stage.hue,
                stage.planned,
            )
            for stage in self._stages
            if known or not stage.planned
        ]
        marks = story_marks(story)
        self._marks = [EventMark(unit.position(story, mark.step), mark.text, mark.is_rollback) for mark in marks]
        playhead = self._scene.playhead
        self.backdrop.show(bands, self._marks, None if playhead is None else unit.position(story, playhead))
        self.crosshair.refresh()

    def _overlay(self, place: int, span: float, since: int) -> Overlay:
        """Return the overlay of the run at `place`, from the step at which it forked."""
        name, other = self._scene.overlays[place]
        first = other.episodes.rows_until(since) if since else 0
        series = EpisodeSeries(other, self._choice.quantity, self._choice.weight, span)
        series.follow()
        colours = hues(other.tasks, self._scene.colours)
        return Overlay(name, series, self._choice.unit.rows(other), colours, place, first)

    @property
    def _scale(self) -> ValueScale:
        return LOGARITHMIC if self._choice.logarithmic else LINEAR

    def _choose(self) -> None:
        """Draw again in the way that is chosen now."""
        before, self._choice = self._choice, self.controls.choice
        self.curves.show_raw(self._choice.raw)
        self.controls.retranslate()
        self.plot.x_axis.tick = self._choice.unit.tick
        self.plot.y_axis.tick = self._scale.tick
        if before != self._choice and self._scene.story is not None:
            if before.unit is not self._choice.unit:
                self.plot.is_moved = False
            self._series = None
            self._update(self._scene.story, laid=True)

    def _x_end(self) -> float:
        """Steps reach to the end of the plan; other units leave room, so that the axis moves now and then only."""
        if self._choice.unit is UNITS[0]:
            return float(self._stages[-1].end if self._stages else 1)
        last = float(self._x[-1]) if len(self._x) else 1.0
        story = self._scene.story
        return last if story is None or story.finished else float(2 ** (np.ceil(np.log2(max(last, 1)) * 4) / 4))

    def _fit(self) -> None:
        self.plot.set_x_range(0, max([self._x_end(), *(one.x[-1] for one in self._overlays if len(one.x))]))
        low, high = self._values()
        ends = self._scale.place(np.array([low, high]))
        self.plot.set_y_range(float(ends[0]), float(ends[1]))

    def _values(self) -> tuple[float, float]:
        if self._series is None or not len(self._series):
            return 0.0, 1.0
        if self._choice.robust:
            return self._series.usual()
        if self._choice.quantity == "score":
            return 0.0, 1.0
        return self._series.low, self._series.high

    def _read(self, x: float) -> tuple[str, list[CursorReading]]:
        if self._series is None:
            return "", []
        readings = read_curves(x, self._series, self._x, self._overlays, self._scene.colours)
        near = self.plot.view.viewPixelSize()[0] * _NEAR
        readings += [CursorReading(None, mark.text, "") for mark in self._marks if abs(mark.x - x) <= near]
        title = read_place(x, self._series, self._x)
        planned = [stage for stage in self._stages if stage.start <= x < stage.end]
        if not title and planned and self._choice.unit is UNITS[0]:
            title = tr("still to come: {task}", task=task_name(planned[0].task))
        return title, readings

    def _pop_up(self, place: QPoint) -> None:
        self.controls.menu.popup(self.plot.canvas.mapToGlobal(place))

    def retranslate(self) -> None:
        """Write every text again."""
        self._note.say(tr("The score of every episode appears here as the agent learns. Press Space to start."))
        self.plot.canvas.setAccessibleName(tr("Reward of every training episode"))
        self.plot.canvas.setAccessibleDescription(
            tr("Shift and the arrow keys read the curves out; a double click fits them")
        )
        self.controls.retranslate()
        self.legend.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Give the legend the height that there is room for."""
        super().resizeEvent(event)
        self.legend.fit_height(event.size().height())

    def restyle(self) -> None:
        """Take the colours of the theme."""
        drawn = (self.curves, self._overlay_curves, self.backdrop, self.crosshair)
        for part in (self.plot, self.controls, self.legend, *drawn):
            part.restyle()


def _stamp(scene: Scene) -> tuple[object, ...]:
    """What of a scene this plot draws: equal stamps are the same picture."""
    if (story := scene.story) is None:
        return (None,)
    ended = sum(clip.end is not None for clip in story.clips)
    counts = (len(story.episodes), len(story.clips), ended, len(story.marks), len(story.curricula))
    changes = (len(story.resumed), len(story.rolled_back), story.finished is None)
    return (story, *counts, *changes, scene.playhead, scene.overlays)
