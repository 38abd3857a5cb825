"""What a hand does on the timeline from press to release. Only the release changes the plan."""

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
"""Pixels that a press may wander before it is a drag."""


class Gesture:
    """A press that does nothing; what the others start from."""

    gap: int | None = None
    """Where a clip would be put."""
    carried: str = ""
    """The clip that is being moved."""
    readout: tuple[float, str] | None = None
    """A step, and what to say there."""
    playhead: int | None = None
    """Where the playhead is being dragged."""

    def move(self, point: QPointF) -> None:
        """Follow the mouse."""

    def preview(self, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """Return the stages as they would be if the mouse were released here."""
        return stages

    def finish(self) -> None:
        """The mouse was released: change the plan."""


class Resize(Gesture):
    """Drags a clip's right edge: its budget."""

    def __init__(self, model: CurriculumModel, layout: TimelineLayout, block: ClipBlock) -> None:
        self._model, self._layout, self._block = model, layout, block
        self._steps = block.stage.steps

    def move(self, point: QPointF) -> None:
        """Cling to round numbers, and never end before what has been done."""
        block, scale = self._block, self._layout.scale
        wished = scale.snap(scale.step(point.x()) - block.start)
        done = self._model.history.done if self._model.is_running(block.stage.id) else 0
        self._steps = max(wished, done, 1)
        self.readout = (block.start + self._steps, tr("{steps} steps", steps=f"{self._steps:,}"))

    def preview(self, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """Show the clip at its new length."""
        id_, update = self._block.stage.id, {"steps": self._steps}
        return tuple(stage.model_copy(update=update) if stage.id == id_ else stage for stage in stages)

    def finish(self) -> None:
        """Change the budget, unless the run has overtaken the clip meanwhile."""
        id_ = self._block.stage.id
        if self._model.is_open(id_) or self._model.is_running(id_):
            self._model.resize(id_, self._steps)


class Reorder(Gesture):
    """Carries a clip to another place."""

    def __init__(self, model: CurriculumModel, layout: TimelineLayout, block: ClipBlock, start: QPointF) -> None:
        self._model, self._layout, self._id, self._start = model, layout, block.stage.id, start

    def move(self, point: QPointF) -> None:
        """Show where the clip would land, once the mouse has gone a little way."""
        if not self.carried and (point - self._start).manhattanLength() < SLACK:
            return
        self.carried = self._id
        self.gap = self._layout.gap(point.x(), self._model.history.first_open)

    def finish(self) -> None:
        """Move the clip, unless the run has begun it meanwhile."""
        if self.gap is not None and self._model.is_open(self._id):
            place = self._model.index(self._id)
            self._model.move(self._id, self.gap - (self.gap > place))


class Scrub(Gesture):
    """Drags the playhead through the run; at its end it clings to now."""

    def __init__(self, layout: TimelineLayout, now: int, look: Callable[[int | None], None]) -> None:
        self._layout, self._now, self._look = layout, now, look

    def move(self, point: QPointF) -> None:
        """Look at the moment under the mouse."""
        scale = self._layout.scale
        step = min(max(round(scale.step(point.x())), 0), self._now)
        is_now = scale.x(self._now) - scale.x(step) < SLACK
        self.playhead = self._now if is_now else step
        said = tr("now") if is_now else tr("step {step}", step=f"{step:,}")
        self.readout = (self.playhead, said if self._now >= 1_000 or is_now else short(step))
        self._look(None if is_now else step)
