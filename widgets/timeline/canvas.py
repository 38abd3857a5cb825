"""The timeline's surface: what is shown of the plan and the runs, and which part of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPaintEngine, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from agents.story import Story
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.plots.event_marks import StoryMark, marks
from widgets.scene import Scene
from widgets.style.task_colours import hues
from widgets.style.translation import tr
from widgets.timeline.gestures import Gesture
from widgets.timeline.layout import MARGIN, TimelineLayout, content_height, gutter
from widgets.timeline.painting import Look, paint_moving, paint_still, still
from widgets.timeline.scale import TimeScale
from widgets.timeline.tooltips import described, tip
from widgets.timeline.tracks import tracks

EMPTY_SPAN = 80_000
"""Steps that an empty timeline shows."""
TAIL = 1.03
"""Room after the last clip, so that something can be dropped there."""
NEAR = 6
"""Pixels within which the playhead is meant."""
DENSEST = 2.0
"""Pixels a step, at most."""


class TimelineCanvas(QWidget):
    """Draws the plan and the runs.

    Signals:
        rescaled: another part of the timeline is shown.
        chosen: another clip was selected; its stage's id, or an empty text.
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
        """The step at the left border when scrolled to the end."""
        self._gesture: Gesture | None = None
        self._hovered = ""
        self._gap: int | None = None
        self._playhead: int | None = None
        self._layout = TimelineLayout(tracks((), self._scene), TimeScale(), 1, 1)
        self._answer: Callable[[QEvent], bool] = _leave_unanswered
        """Who answers to an event before the canvas does; returns whether the event ends there."""
        self._still: tuple[object, QPixmap] = (None, QPixmap())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        model.changed.connect(self.refresh)

    def show_scene(self, scene: Scene) -> None:
        """Take the newest picture of the lab."""
        was_in_view = self._now_is_in_view()
        self._scene, self._playhead = scene, scene.playhead
        if was_in_view and self._rate is not None and not self._now_is_in_view() and self._gesture is None:
            self._first = max(self._now() or 0, 0) - 0.2 * self.span_shown
        self.refresh()

    def refresh(self) -> None:
        """Lay everything out again and paint it."""
        stages = self.model.stages
        if self.selected and all(stage.id != self.selected for stage in stages):
            self.select("")
        if self._gesture is not None:
            stages = self._gesture.preview(stages)
        # an edit is drawn before the next scene comes
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
        """Where everything lies now."""
        return self._layout

    @property
    def span_shown(self) -> float:
        """How many steps fit into the picture."""
        return self._layout.area.width() / self._layout.scale.rate

    def sizeHint(self) -> QSize:  # noqa: N802
        """Prefer the height that the plan and the memories need."""
        return QSize(960, content_height(len(self._layout.tracks)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the timeline."""
        look, painter = self.look(), QPainter(self)
        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            paint_still(painter, self._layout, look)
        else:
            painter.drawPixmap(0, 0, self._still_picture(look))
        paint_moving(painter, self._layout, look)
        painter.end()

    def _still_picture(self, look: Look) -> QPixmap:
        """Return what a running run leaves as it is, painted once: writing it again each time slows the run down."""
        wanted = (still(self._layout, look), self.size(), self.devicePixelRatioF())
        if self._still[0] != wanted:
            picture = QPixmap(self.size() * self.devicePixelRatioF())
            picture.setDevicePixelRatio(self.devicePixelRatioF())
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            paint_still(painter, self._layout, look)
            painter.end()
            self._still = (wanted, picture)
        return self._still[1]

    def look(self) -> Look:
        """Return what is painted beside the tracks."""
        gesture, story, now = self._gesture or Gesture(), self._scene.story, self._now()
        looked = gesture.playhead if gesture.playhead is not None else self._playhead
        return Look(
            now=now,
            playhead=now if looked is None else looked,
            marks=_marks(story),
            remembered=story.remembered if story is not None else None,
            colours=hues(story.tasks, self._scene.colours) if story is not None else (),
            selected=self.selected,
            hovered=self._hovered,
            focused=self.hasFocus(),
            gap=self._gap if gesture.gap is None else gesture.gap,
            carried=gesture.carried,
            readout=gesture.readout,
        )

    def step_at(self, x: float) -> int | None:
        """Return the step of the run in front at pixel `x`: near the playhead its own; None where nothing was lived."""
        look, scale = self.look(), self._layout.scale
        if look.now is None or look.playhead is None:
            return None
        if abs(scale.x(look.playhead) - x) <= NEAR:
            return look.playhead
        step = round(scale.step(x))
        return step if 0 <= step <= look.now else None

    def pass_events_to(self, answer: Callable[[QEvent], bool]) -> None:
        """Let `answer` see every event first; those for which it returns True end there."""
        self._answer = answer

    @property
    def gesture(self) -> Gesture | None:
        """The drag that is going on, drawn as if it ended here."""
        return self._gesture

    def follow_gesture(self, gesture: Gesture | None) -> None:
        """Lay everything out as a drag would leave it; None: as the plan is."""
        self._gesture = gesture
        self.refresh()

    def hover(self, id_: str) -> None:
        """Mark the clip under the mouse; an empty id marks none."""
        if id_ != self._hovered:
            self._hovered = id_
            self.update()

    def show_gap(self, gap: int | None) -> None:
        """Show between which clips a task would be put; None: nowhere."""
        self._gap = gap
        self.update()

    def place_playhead(self, step: int | None) -> None:
        """Draw the playhead at `step`, or at now."""
        self._playhead = step
        self.update()

    def zoom(self, factor: float, anchor: float | None = None) -> None:
        """Show `factor` times fewer steps; what lies at pixel `anchor` stays there."""
        scale = self._layout.scale
        anchor = self._layout.area.center().x() if anchor is None else anchor
        held = scale.step(anchor)
        fitting = self._layout.area.width() / (max(self._layout.tracks[0].end, 1_000) * TAIL * 4)
        self._rate = min(max(scale.rate * factor, fitting), DENSEST)
        self._first = held - (anchor - gutter()) / self._rate
        self.refresh()

    def fit(self) -> None:
        """Show the whole timeline, and keep doing so."""
        self._rate, self._first = None, 0.0
        self.refresh()

    def scroll_to(self, step: int) -> None:
        """Bring `step` to the left border."""
        if self._rate is not None and step != round(self._first):
            self._first = float(step)
            self.refresh()

    def reveal(self, id_: str) -> None:
        """Scroll until a clip can be seen."""
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
        self.setAccessibleDescription(described(self._layout, self.selected))

    def retranslate(self) -> None:
        """Write every text again."""
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fill the room."""
        super().resizeEvent(event)
        self.refresh()

    def event(self, event: QEvent) -> bool:
        """Tell about what is under the mouse; let whoever edits the plan answer first."""
        if self._answer(event):
            return True
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), tip(self._layout, QPointF(event.pos()), self.look()), self)
            return True
        return super().event(event)


def _marks(story: Story | None) -> tuple[StoryMark, ...]:
    return tuple(marks(story)) if story is not None else ()


def _leave_unanswered(event: QEvent) -> bool:
    return False
