"""Edits of the selected clip and moves of the playhead, for mouse, keyboard, menu and buttons."""

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
        playhead_moved: the new step of the playhead, or None for the newest one.
        opened: id of the stage whose options are to be shown.
        refused: str, why an edit is impossible: its clip has finished meanwhile, or was removed.
    """

    playhead_moved = Signal(object)
    opened = Signal(str)
    refused = Signal(str)

    def __init__(self, canvas: TimelineCanvas) -> None:
        super().__init__(canvas)
        self._canvas, self._model = canvas, canvas.model

    def attempt(self, edit: Callable[[], object]) -> None:
        """Call `edit`; report an EditConflict (the run finished the clip meanwhile) by `refused`."""
        try:
            edit()
        except EditConflict as error:
            self.refused.emit(error.user_message)

    def select_next(self, direction: int) -> None:
        """Select the neighbour of the selected clip."""
        canvas = self._canvas
        ids = [block.stage.id for block in canvas.layout_shown.main]
        if ids:
            index = ids.index(canvas.selected) + direction if canvas.selected in ids else 0
            canvas.select(ids[min(max(index, 0), len(ids) - 1)])
            canvas.reveal(canvas.selected)

    def shift_selected(self, direction: int) -> None:
        """Move the selected clip by one position."""
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
        """Remove the selected clip; a running one ends at the current step."""
        id_ = self._canvas.selected
        if self._may_change(id_, or_cut=True):
            index = self._model.index(id_)
            self._model.remove(id_)
            left = self._model.stages
            self._canvas.select(left[min(index, len(left) - 1)].id if left else "")

    def duplicate_selected(self, _: int = 0) -> None:
        """Insert a copy after the selected clip, and select it."""
        if self._canvas.selected:
            self._canvas.select(self._model.duplicate(self._canvas.selected))

    def open_selected(self, _: int = 0) -> None:
        """Request the form with the selected clip's options."""
        if self._canvas.selected:
            self.opened.emit(self._canvas.selected)

    def _may_change(self, id_: str, *, or_cut: bool = False) -> bool:
        """Return whether a clip can be edited (`or_cut`: also the running one); if not, show why in a tooltip."""
        canvas = self._canvas
        block = canvas.layout_shown.block(id_)
        if block is None or self._model.is_open(id_) or (or_cut and self._model.is_running(id_)):
            return block is not None
        position = canvas.mapToGlobal(canvas.layout_shown.rect(block).bottomLeft().toPoint())
        QToolTip.showText(position, f"{block.title}: {STATES[block.state]()}", canvas)
        return False

    def scrub(self, direction: int) -> None:
        """Move the playhead by a hundredth of the run (`direction` -1 or 1); 0 returns it to the newest step."""
        state = self._canvas.paint_state()
        if state.now is None or state.playhead is None:
            return
        step = state.playhead + direction * max(state.now // 100, 1)
        self.move_playhead(None if direction == 0 or step >= state.now else max(step, 0))

    def move_playhead(self, step: int | None) -> None:
        """Move the playhead to `step`; None lets it follow the run."""
        self._canvas.place_playhead(step)
        self.playhead_moved.emit(step)

    def cancel_gesture(self, _: int = 0) -> None:
        """Cancel a drag; the plan does not change."""
        self._canvas.set_gesture(None)
