"""Drags on the timeline, from mouse press to release. Only the release changes the plan."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF

from envs.curriculum import Stage
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.style.translation import tr
from widgets.timeline.layout import TimelineLayout
from widgets.timeline.scale import short
from widgets.timeline.tracks import ClipBlock

SLACK = 4
"""Distance in pixels that the mouse may move before a press becomes a drag."""


class Gesture:
    """A drag that changes nothing; the base class of all drags."""

    gap: int | None = None
    """The gap between clips (see `TimelineLayout.gap`) at which a release would insert the clip."""
    dragged: str = ""
    """Id of the clip that is being moved."""
    readout: tuple[float, str] | None = None
    """A step, and the text to show there."""
    playhead: int | None = None
    """The step that the playhead is dragged to."""

    def move(self, point: QPointF) -> None:
        """Update the drag for the new position of the mouse."""

    def preview(self, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """Return the stages as a release at this position would leave them."""
        return stages

    def finish(self) -> None:
        """Change the plan: the mouse was released."""


class Resize(Gesture):
    """Drags a clip's right edge, which changes its budget."""

    def __init__(self, model: CurriculumModel, layout: TimelineLayout, block: ClipBlock) -> None:
        self._model, self._layout, self._block = model, layout, block
        self._steps = block.stage.steps

    def move(self, point: QPointF) -> None:
        """Snap to round numbers; a running clip cannot end before the steps already done."""
        block, scale = self._block, self._layout.scale
        snapped = scale.snap(scale.step(point.x()) - block.start)
        done = self._model.history.done if self._model.is_running(block.stage.id) else 0
        self._steps = max(snapped, done, 1)
        self.readout = (block.start + self._steps, tr("{steps} steps", steps=f"{self._steps:,}"))

    def preview(self, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """Return the stages with the clip's new budget."""
        id_, update = self._block.stage.id, {"steps": self._steps}
        return tuple(stage.model_copy(update=update) if stage.id == id_ else stage for stage in stages)

    def finish(self) -> None:
        """Change the budget, unless the run has finished the clip meanwhile."""
        id_ = self._block.stage.id
        if self._model.is_open(id_) or self._model.is_running(id_):
            self._model.resize(id_, self._steps)


class Reorder(Gesture):
    """Drags a clip to another position in the curriculum."""

    def __init__(self, model: CurriculumModel, layout: TimelineLayout, block: ClipBlock, start: QPointF) -> None:
        self._model, self._layout, self._id, self._start = model, layout, block.stage.id, start

    def move(self, point: QPointF) -> None:
        """Show where the clip would be inserted, once the mouse has moved by `SLACK`."""
        if not self.dragged and (point - self._start).manhattanLength() < SLACK:
            return
        self.dragged = self._id
        self.gap = self._layout.gap(point.x(), self._model.history.first_open)

    def finish(self) -> None:
        """Move the clip, unless the run has started it meanwhile."""
        if self.gap is not None and self._model.is_open(self._id):
            index = self._model.index(self._id)
            self._model.move(self._id, self.gap - (self.gap > index))  # removing the clip shifts later gaps by one


class Scrub(Gesture):
    """Drags the playhead along the run; it snaps to the newest step."""

    def __init__(self, layout: TimelineLayout, now: int, move_playhead: Callable[[int | None], None]) -> None:
        self._layout, self._now, self._move_playhead = layout, now, move_playhead

    def move(self, point: QPointF) -> None:
        """Move the playhead to the step under the mouse."""
        scale = self._layout.scale
        step = min(max(round(scale.step(point.x())), 0), self._now)
        is_now = scale.x(self._now) - scale.x(step) < SLACK
        self.playhead = self._now if is_now else step
        text = tr("now") if is_now else tr("step {step}", step=f"{step:,}")
        self.readout = (self.playhead, text if self._now >= 1_000 or is_now else short(step))
        self._move_playhead(None if is_now else step)
