"""Hands on the timeline: mouse, wheel, drops and keys become edits of the plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.curriculum.edit_conflict import Overtaken
from widgets.curriculum.task_drag import unpack
from widgets.timeline.canvas import TimelineCanvas
from widgets.timeline.gestures import Gesture, Reorder, Resize, Scrub
from widgets.timeline.layout import RULER
from widgets.timeline.scale import tenth
from widgets.timeline.tooltips import STATES
from widgets.timeline.tracks import Block

ZOOM_STEP = 1.25
WHEEL_NOTCH = 120


class TimelineHands(TimelineCanvas):
    """The timeline's surface, under mouse and keyboard.

    Signals:
        looked: the step to look at, or None for now.
        opened: id of a stage whose options are wanted.
        refused: str, why something can't be done: the clip that it is about is history by now, or gone.
        menu_wanted: a context menu for the selected clip is wanted at this place of the screen.
    """

    looked = Signal(object)
    opened = Signal(str)
    menu_wanted = Signal(QPoint)
    refused = Signal(str)

    def __init__(self, model: CurriculumModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)

    def attempt(self, deed: Callable[[], object]) -> None:
        """Do something with a clip; where the run was faster, say so."""
        try:
            deed()
        except Overtaken as error:
            self.refused.emit(error.said)

    def select_next(self, direction: int) -> None:
        """Select the neighbour of the selected clip."""
        ids = [block.stage.id for block in self.layout_shown.main]
        if ids:
            place = ids.index(self.selected) + direction if self.selected in ids else 0
            self.select(ids[min(max(place, 0), len(ids) - 1)])
            self.reveal(self.selected)

    def shift_selected(self, direction: int) -> None:
        """Move the selected clip one place."""
        if self._may_change(self.selected):
            self.model.move(self.selected, max(self.model.index(self.selected) + direction, 0))
            self.reveal(self.selected)

    def lengthen(self, direction: int) -> None:
        """Change the selected clip's budget by about a tenth."""
        if self._may_change(self.selected, or_cut=True):
            steps = self.model.stage(self.selected).steps
            change = tenth(steps)
            self.model.resize(self.selected, max((steps // change + direction) * change, change))

    def remove_selected(self, _: int = 0) -> None:
        """Take the selected clip out; the running one is cut where it is."""
        id_ = self.selected
        if self._may_change(id_, or_cut=True):
            place = self.model.index(id_)
            self.model.remove(id_)
            left = self.model.stages
            self.select(left[min(place, len(left) - 1)].id if left else "")

    def duplicate_selected(self, _: int = 0) -> None:
        """Put a copy behind the selected clip, and select it."""
        if self.selected:
            self.select(self.model.duplicate(self.selected))

    def open_selected(self, _: int = 0) -> None:
        """Ask for the selected clip's options."""
        if self.selected:
            self.opened.emit(self.selected)

    def _may_change(self, id_: str, *, or_cut: bool = False) -> bool:
        """Whether a clip can be moved (or at least cut and resized); if not, say why beside it."""
        block = self.layout_shown.block(id_)
        if block is None or self.model.is_open(id_) or (or_cut and self.model.is_running(id_)):
            return block is not None
        place = self.mapToGlobal(self.layout_shown.rect(block).bottomLeft().toPoint())
        QToolTip.showText(place, f"{block.title}: {STATES[block.state]()}", self)
        return False

    def scrub(self, direction: int) -> None:
        """Look a hundredth of the run earlier or later; 0 returns to now."""
        look = self.look()
        if look.now is None or look.playhead is None:
            return
        step = look.playhead + direction * max(look.now // 100, 1)
        self.look_at(None if direction == 0 or step >= look.now else max(step, 0))

    def look_at(self, step: int | None) -> None:
        """Move the playhead; None follows the run."""
        self._playhead = step
        self.looked.emit(step)
        self.update()

    def let_go(self, _: int = 0) -> None:
        """Forget what the mouse was about to do."""
        self._gesture = None
        self.refresh()

    def event(self, event: QEvent) -> bool:
        """Keep our keys from the window's shortcuts while the timeline has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _told_by(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Do what the table of keys says."""
        if told := _told_by(event):
            method, argument = told
            self.attempt(partial(method, self, argument))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Select the first clip when one comes by keyboard."""
        if not self.selected and event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.select_next(0)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show that keys go elsewhere."""
        super().focusOutEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Select, and begin to drag."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position()
        if not self._is_on_ruler(point):
            found = self.layout_shown.edge(point) or self._block_at(point)
            self.select(found.stage.id if found else "")
        self._gesture = self._gesture_at(point)
        if isinstance(self._gesture, Scrub):
            self._gesture.move(point)
        self.update()

    def _gesture_at(self, point: QPointF) -> Gesture | None:
        layout, now = self.layout_shown, self.look().now
        if self._is_on_ruler(point):
            return Scrub(layout, now, self.look_at) if now is not None else None
        edge = layout.edge(point)
        if edge is not None and edge.state != "finished":
            return Resize(self.model, layout, edge)
        block = self._block_at(point)
        if block is not None and self.model.is_open(block.stage.id):
            return Reorder(self.model, layout, block, point)
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go on dragging, or say by the pointer what a press would do."""
        if self._gesture is not None:
            self.attempt(partial(self._gesture.move, event.position()))
            self.refresh()
            return
        edge, block = self.layout_shown.edge(event.position()), self._block_at(event.position())
        over_edge = edge is not None and edge.state != "finished"
        shape = Qt.CursorShape.SizeHorCursor if over_edge else Qt.CursorShape.ArrowCursor
        if shape != self.cursor().shape():
            self.setCursor(shape)
        self._hover(block.stage.id if block else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the drag take effect."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            self.attempt(gesture.finish)
        self.refresh()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open a clip's options, or return to now."""
        self._gesture = None
        if self._is_on_ruler(event.position()):
            self.scrub(0)
        elif block := self._block_at(event.position()):
            self.select(block.stage.id)
            self.open_selected()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Forget what was under the mouse."""
        self._hover("")
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom with Ctrl, scroll without."""
        delta = event.angleDelta()
        if event.modifiers() & CTRL:
            self.zoom(ZOOM_STEP ** (delta.y() / WHEEL_NOTCH), event.position().x())
        else:
            turned = delta.x() or delta.y()
            self.scroll_to(round(self.layout_shown.scale.first - turned / WHEEL_NOTCH * self.span_shown / 10))
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask for a menu, at the mouse or at the selected clip."""
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            block = self._block_at(QPointF(event.pos()))
            self.select(block.stage.id if block else "")
        elif block := self.layout_shown.block(self.selected):
            place = self.mapToGlobal(self.layout_shown.rect(block).center().toPoint())
        self.menu_wanted.emit(place)

    def _hover(self, id_: str) -> None:
        if id_ != self._hovered:
            self._hovered = id_
            self.update()

    def _is_on_ruler(self, point: QPointF) -> bool:
        area = self.layout_shown.area
        return QRectF(area.left() - 8, 0, area.width() + 16, RULER).contains(point)

    def _block_at(self, point: QPointF) -> Block | None:
        found = self.layout_shown.at(point)
        return found[1] if found and found[0] == 0 else None

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Welcome tasks."""
        if unpack(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        """Show where the task would go."""
        self._gap = self.layout_shown.gap(event.position().x(), self.model.history.first_open)
        event.acceptProposedAction()
        self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """Forget it."""
        self._gap = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Put a stage of the task where it was dropped."""
        self._gap = None
        stage = unpack(event.mimeData())
        if stage is not None:
            gap = self.layout_shown.gap(event.position().x(), self.model.history.first_open)
            self.select(self.model.insert(gap, stage))
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            event.acceptProposedAction()
        self.update()


NO, ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
Key = Qt.Key
KEYS: dict[tuple[Qt.Key, Qt.KeyboardModifier], tuple[Callable[[TimelineHands, int], None], int]] = {
    (Key.Key_Left, NO): (TimelineHands.select_next, -1),
    (Key.Key_Right, NO): (TimelineHands.select_next, 1),
    (Key.Key_Left, ALT): (TimelineHands.shift_selected, -1),
    (Key.Key_Right, ALT): (TimelineHands.shift_selected, 1),
    (Key.Key_Left, SHIFT): (TimelineHands.scrub, -1),
    (Key.Key_Right, SHIFT): (TimelineHands.scrub, 1),
    (Key.Key_End, NO): (TimelineHands.scrub, 0),
    (Key.Key_Plus, NO): (TimelineHands.lengthen, 1),
    (Key.Key_Equal, NO): (TimelineHands.lengthen, 1),
    (Key.Key_Plus, SHIFT): (TimelineHands.lengthen, 1),
    (Key.Key_Minus, NO): (TimelineHands.lengthen, -1),
    (Key.Key_Delete, NO): (TimelineHands.remove_selected, 0),
    (Key.Key_Backspace, NO): (TimelineHands.remove_selected, 0),
    (Key.Key_D, CTRL): (TimelineHands.duplicate_selected, 0),
    (Key.Key_Return, NO): (TimelineHands.open_selected, 0),
    (Key.Key_Enter, NO): (TimelineHands.open_selected, 0),
    (Key.Key_F2, NO): (TimelineHands.open_selected, 0),
    (Key.Key_Escape, NO): (TimelineHands.let_go, 0),
}
"""Which key calls which method, and with what."""


def _told_by(event: QKeyEvent) -> tuple[Callable[[TimelineHands, int], None], int] | None:
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return KEYS.get((Qt.Key(event.key()), held))
