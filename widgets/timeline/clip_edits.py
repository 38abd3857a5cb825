"""What can be done with the selected clip and the playhead, by mouse, keyboard, menu or button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QToolTip

from widgets.curriculum.edit_conflict import EditConflict
from widgets.timeline.canvas import TimelineCanvas
from widgets.timeline.scale import tenth
from widgets.timeline.tooltips import STATES


class ClipEdits(QObject):
    """Edits the plan that a canvas shows.

    Signals:
        looked: the step to look at, or None for now.
        opened: id of a stage whose options are wanted.
        refused: str, why something can't be done: the clip that it is about is history by now, or gone.
    """

    looked = Signal(object)
    opened = Signal(str)
    refused = Signal(str)

    def __init__(self, canvas: TimelineCanvas) -> None:
        super().__init__(canvas)
        self._canvas, self._model = canvas, canvas.model

    def attempt(self, edit: Callable[[], object]) -> None:
        """Do something with a clip; where the run was faster, say so."""
        try:
            edit()
        except EditConflict as error:
            self.refused.emit(error.said)

    def select_next(self, direction: int) -> None:
        """Select the neighbour of the selected clip."""
        canvas = self._canvas
        ids = [block.stage.id for block in canvas.layout_shown.main]
        if ids:
            place = ids.index(canvas.selected) + direction if canvas.selected in ids else 0
            canvas.select(ids[min(max(place, 0), len(ids) - 1)])
            canvas.reveal(canvas.selected)

    def shift_selected(self, direction: int) -> None:
        """Move the selected clip one place."""
        id_ = self._canvas.selected
        if self._may_change(id_):
            self._model.move(id_, max(self._model.index(id_) + direction, 0))
            self._canvas.reveal(id_)

    def lengthen(self, direction: int) -> None:
        """Change the selected clip's budget by about a tenth."""
        id_ = self._canvas.selected
        if self._may_change(id_, or_cut=True):
            steps = self._model.stage(id_).steps
            change = tenth(steps)
            self._model.resize(id_, max((steps // change + direction) * change, change))

    def remove_selected(self, _: int = 0) -> None:
        """Take the selected clip out; the running one is cut where it is."""
        id_ = self._canvas.selected
        if self._may_change(id_, or_cut=True):
            place = self._model.index(id_)
            self._model.remove(id_)
            left = self._model.stages
            self._canvas.select(left[min(place, len(left) - 1)].id if left else "")

    def duplicate_selected(self, _: int = 0) -> None:
        """Put a copy behind the selected clip, and select it."""
        if self._canvas.selected:
            self._canvas.select(self._model.duplicate(self._canvas.selected))

    def open_selected(self, _: int = 0) -> None:
        """Ask for the selected clip's options."""
        if self._canvas.selected:
            self.opened.emit(self._canvas.selected)

    def _may_change(self, id_: str, *, or_cut: bool = False) -> bool:
        """Whether a clip can be moved (or at least cut and resized); if not, say why beside it."""
        canvas = self._canvas
        block = canvas.layout_shown.block(id_)
        if block is None or self._model.is_open(id_) or (or_cut and self._model.is_running(id_)):
            return block is not None
        place = canvas.mapToGlobal(canvas.layout_shown.rect(block).bottomLeft().toPoint())
        QToolTip.showText(place, f"{block.title}: {STATES[block.state]()}", canvas)
        return False

    def scrub(self, direction: int) -> None:
        """Look a hundredth of the run earlier or later; 0 returns to now."""
        look = self._canvas.look()
        if look.now is None or look.playhead is None:
            return
        step = look.playhead + direction * max(look.now // 100, 1)
        self.look_at(None if direction == 0 or step >= look.now else max(step, 0))

    def look_at(self, step: int | None) -> None:
        """Move the playhead; None follows the run."""
        self._canvas.place_playhead(step)
        self.looked.emit(step)

    def cancel_gesture(self, _: int = 0) -> None:
        """End a drag without changing the plan."""
        self._canvas.follow_gesture(None)
