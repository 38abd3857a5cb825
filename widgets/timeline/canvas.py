"""The canvas of the timeline: it draws the plan and the runs, and stores zoom, scroll position and selection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPaintEngine, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from agents.story import Story
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.plots.event_marks import StoryMark, story_marks
from widgets.scene import Scene
from widgets.style.task_colours import hues
from widgets.style.translation import tr
from widgets.timeline.gestures import Gesture
from widgets.timeline.layout import MARGIN, TimelineLayout, content_height, gutter
from widgets.timeline.painting import PaintState, paint_dynamic, paint_static, static_state
from widgets.timeline.scale import TimeScale
from widgets.timeline.tooltips import describe, tooltip_text
from widgets.timeline.tracks import tracks

EMPTY_SPAN = 80_000
"""Steps that an empty timeline shows."""
TAIL = 1.03
"""Steps shown, as a multiple of the plan's: the rest leaves space to drop a clip after the last one."""
NEAR = 6
"""Distance in pixels at which a click counts as on the playhead."""
DENSEST = 2.0
"""Maximum pixels per step."""


class TimelineCanvas(QWidget):
    """Draws the plan and the runs as tracks of clips.

    Signals:
        rescaled: the visible range of steps has changed.
        chosen: another clip was selected: its stage's id, or an empty string.
    """

    rescaled = Signal()
    chosen = Signal(str)

    def __init__(self, model: CurriculumModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.selected = ""
        self.strategy = ""
        self._scene = Scene()
        self._rate: float | None = None
        self._first = 0.0
        self.last_first = 0.0
        """The step at the left edge when scrolled to the end."""
        self._gesture: Gesture | None = None
        self._hovered = ""
        self._gap: int | None = None
        self._playhead: int | None = None
        self._layout = TimelineLayout(tracks((), self._scene), TimeScale(), 1, 1)
        self._event_handler: Callable[[QEvent], bool] = _ignore_event
        """Called with every event before the canvas; returns whether the event is handled."""
        self._static_cache: tuple[object, QPixmap] = (None, QPixmap())
        """Key and pixmap of what `paint_static` paints."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        model.changed.connect(self.refresh)

    def show_scene(self, scene: Scene) -> None:
        """Draw `scene`; scroll on if the end of the run has left the view."""
        was_in_view = self._now_is_in_view()
        self._scene, self._playhead = scene, scene.playhead
        if was_in_view and self._rate is not None and not self._now_is_in_view() and self._gesture is None:
            self._first = max(self._now() or 0, 0) - 0.2 * self.span_shown
        self.refresh()

    def refresh(self) -> None:
        """Compute the layout again, and repaint."""
        stages = self.model.stages
        if self.selected and all(stage.id != self.selected for stage in stages):
            self.select("")
        if self._gesture is not None:
            stages = self._gesture.preview(stages)
        # an edit must be drawn at once, before the next scene brings its colours
        self._scene = replace(self._scene, colours=self.model.colours.known)
        rows = tracks(stages, self._scene, self.strategy, self.model.history.cut)
        scale = self._layout.scale if self._gesture is not None else self._scale(max(row.end for row in rows))
        self._layout = TimelineLayout(rows, scale, self.width(), self.height())
        self.setMinimumHeight(content_height(len(rows)))
        self._describe()
        self.rescaled.emit()
        self.update()

    def _scale(self, end: int) -> TimeScale:
        left = gutter()
        room = max(self.width() - left - MARGIN, 1)
        span = (max(end, self._now() or 0) or EMPTY_SPAN) * TAIL
        if self._rate is None:
            self.last_first = 0.0
            return TimeScale(left, 0, room / span)
        self.last_first = max(span - room / self._rate, 0)
        self._first = min(max(self._first, 0), self.last_first)
        return TimeScale(left, self._first, self._rate)

    def _now(self) -> int | None:
        story = self._scene.story
        return story.step if story is not None and story.clips else None

    def _now_is_in_view(self) -> bool:
        now = self._now()
        return now is not None and self._layout.scale.x(now) <= self._layout.area.right()

    @property
    def layout_shown(self) -> TimelineLayout:
        """The current geometry."""
        return self._layout

    @property
    def span_shown(self) -> float:
        """Number of steps between the left and the right edge."""
        return self._layout.area.width() / self._layout.scale.rate

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the height that all tracks and the strip of memories need."""
        return QSize(960, content_height(len(self._layout.tracks)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the timeline."""
        state, painter = self.paint_state(), QPainter(self)
        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            paint_static(painter, self._layout, state)  # a pixmap would not stay a vector graphic
        else:
            painter.drawPixmap(0, 0, self._static_pixmap(state))
        paint_dynamic(painter, self._layout, state)
        painter.end()

    def _static_pixmap(self, state: PaintState) -> QPixmap:
        """Return what does not change while a run is running, cached: painting its text each time slows training."""
        key = (static_state(self._layout, state), self.size(), self.devicePixelRatioF())
        if self._static_cache[0] != key:
            picture = QPixmap(self.size() * self.devicePixelRatioF())
            picture.setDevicePixelRatio(self.devicePixelRatioF())
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            paint_static(painter, self._layout, state)
            painter.end()
            self._static_cache = (key, picture)
        return self._static_cache[1]

    def paint_state(self) -> PaintState:
        """Return the state that is painted besides the tracks: playhead, selection, drag, memories."""
        gesture, story, now = self._gesture or Gesture(), self._scene.story, self._now()
        playhead = gesture.playhead if gesture.playhead is not None else self._playhead
        return PaintState(
            now=now,
            playhead=now if playhead is None else playhead,
            marks=_marks(story),
            remembered=story.remembered if story is not None else None,
            colours=hues(story.tasks, self._scene.colours) if story is not None else (),
            selected=self.selected,
            hovered=self._hovered,
            focused=self.hasFocus(),
            gap=self._gap if gesture.gap is None else gesture.gap,
            dragged=gesture.dragged,
            readout=gesture.readout,
        )

    def step_at(self, x: float) -> int | None:
        """Return the step of the run in front at pixel `x` (near the playhead: its step); None outside the run."""
        state, scale = self.paint_state(), self._layout.scale
        if state.now is None or state.playhead is None:
            return None
        if abs(scale.x(state.playhead) - x) <= NEAR:
            return state.playhead
        step = round(scale.step(x))
        return step if 0 <= step <= state.now else None

    def set_event_handler(self, handler: Callable[[QEvent], bool]) -> None:
        """Call `handler` with every event first; events for which it returns True are not processed further."""
        self._event_handler = handler

    @property
    def gesture(self) -> Gesture | None:
        """The current drag, if any; the layout previews its result."""
        return self._gesture

    def set_gesture(self, gesture: Gesture | None) -> None:
        """Preview the result of a drag; None shows the plan."""
        self._gesture = gesture
        self.refresh()

    def hover(self, id_: str) -> None:
        """Highlight the clip under the mouse; an empty id highlights none."""
        if id_ != self._hovered:
            self._hovered = id_
            self.update()

    def show_gap(self, gap: int | None) -> None:
        """Show between which clips a dropped task would be inserted; None hides the mark."""
        self._gap = gap
        self.update()

    def place_playhead(self, step: int | None) -> None:
        """Draw the playhead at `step`; None draws it at the newest step."""
        self._playhead = step
        self.update()

    def zoom(self, factor: float, anchor: float | None = None) -> None:
        """Zoom in by `factor`, keeping the step at pixel `anchor` (the centre, by default) in its position."""
        scale = self._layout.scale
        anchor = self._layout.area.center().x() if anchor is None else anchor
        anchor_step = scale.step(anchor)
        fitting = self._layout.area.width() / (max(self._layout.tracks[0].end, 1_000) * TAIL * 4)
        self._rate = min(max(scale.rate * factor, fitting), DENSEST)
        self._first = anchor_step - (anchor - gutter()) / self._rate
        self.refresh()

    def fit(self) -> None:
        """Show the whole timeline, also when it grows."""
        self._rate, self._first = None, 0.0
        self.refresh()

    def scroll_to(self, step: int) -> None:
        """Scroll until `step` is at the left edge."""
        if self._rate is not None and step != round(self._first):
            self._first = float(step)
            self.refresh()

    def reveal(self, id_: str) -> None:
        """Scroll until a clip is visible."""
        block = self._layout.block(id_)
        if block is None:
            return
        first, span = self._layout.scale.first, self.span_shown
        if block.start < first or block.start > first + 0.9 * span:
            self.scroll_to(round(block.start - 0.1 * span))

    def select(self, id_: str) -> None:
        """Select a clip; an empty id selects none."""
        if id_ != self.selected:
            self.selected = id_
            self._describe()
            self.chosen.emit(id_)
            self.update()

    def _describe(self) -> None:
        self.setAccessibleName(tr("Curriculum timeline"))
        self.setAccessibleDescription(describe(self._layout, self.selected))

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Compute the layout for the new size."""
        super().resizeEvent(event)
        self.refresh()

    def event(self, event: QEvent) -> bool:
        """Pass the event to the event handler, then show tooltips."""
        if self._event_handler(event):
            return True
        if isinstance(event, QHelpEvent):
            QToolTip.showText(
                event.globalPos(), tooltip_text(self._layout, QPointF(event.pos()), self.paint_state()), self
            )
            return True
        return super().event(event)


def _marks(story: Story | None) -> tuple[StoryMark, ...]:
    return tuple(story_marks(story)) if story is not None else ()


def _ignore_event(event: QEvent) -> bool:
    return False
