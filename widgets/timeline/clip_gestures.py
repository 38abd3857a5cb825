"""Event handlers of the timeline: mouse, wheel, drag and drop, and keys, as edits of the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)

from widgets.curriculum.task_drag import unpack
from widgets.timeline.canvas import TimelineCanvas
from widgets.timeline.clip_edits import ClipEdits
from widgets.timeline.gestures import Gesture, Reorder, Resize, Scrub
from widgets.timeline.layout import RULER
from widgets.timeline.tracks import ClipBlock

ZOOM_STEP = 1.25
WHEEL_NOTCH = 120


class ClipGestures(QObject):
    """Handles the mouse and key events of a canvas by calling `edits`.

    The canvas passes on each of its events; a handler returns whether it has handled the event. This is no Qt event
    filter: one written in Python crashes when it is called while the canvas is being destroyed.

    Signals:
        menu_wanted: show the context menu of the selected clip at this position of the screen.
    """

    menu_wanted = Signal(QPoint)

    def __init__(self, canvas: TimelineCanvas, edits: ClipEdits) -> None:
        super().__init__(canvas)
        self._canvas, self._edits = canvas, edits
        canvas.setMouseTracking(True)
        canvas.setAcceptDrops(True)
        canvas.set_event_handler(self.handle)

    def handle(self, event: QEvent) -> bool:
        """Call the handler of the event's type, if any; return whether the event is handled."""
        handler = HANDLERS.get(event.type())
        return handler is not None and handler(self, event)

    def claim_key(self, event: QKeyEvent) -> bool:
        """Override the window's shortcuts for the keys of `KEYS`; return whether this is one of them."""
        if _edit_of(event) is None:
            return False
        event.accept()
        return True

    def press_key(self, event: QKeyEvent) -> bool:
        """Make the edit that `KEYS` maps this key to; return whether there is one."""
        if (found := _edit_of(event)) is None:
            return False
        edit, argument = found
        self._edits.attempt(partial(edit, self._edits, argument))
        return True

    def gain_focus(self, event: QFocusEvent) -> bool:
        """Select the first clip when the focus comes by the Tab key. Returns False: Qt handles the event, too."""
        by_keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_keyboard and not self._canvas.selected:
            self._edits.select_next(0)
        return self.change_focus(event)

    def change_focus(self, event: QFocusEvent) -> bool:
        """Repaint the frame of the selected clip, which shows the focus. Returns False: Qt handles the event, too."""
        self._canvas.update()
        return False

    def press(self, event: QMouseEvent) -> bool:
        """On the left button, select the clip under the mouse and start a drag. Returns True: the event is handled."""
        if event.button() != Qt.MouseButton.LeftButton:
            return True
        canvas, point = self._canvas, event.position()
        if not self._is_on_ruler(point):
            found = canvas.layout_shown.edge(point) or self._block_at(point)
            canvas.select(found.stage.id if found else "")
        gesture = self.gesture_at(point)
        canvas.set_gesture(gesture)
        if isinstance(gesture, Scrub):
            gesture.move(point)
        canvas.update()
        return True

    def gesture_at(self, point: QPointF) -> Gesture | None:
        """Return the drag that starts at `point`, or None."""
        canvas, layout, now = self._canvas, self._canvas.layout_shown, self._canvas.paint_state().now
        if self._is_on_ruler(point):
            return Scrub(layout, now, self._edits.move_playhead) if now is not None else None
        edge = layout.edge(point)
        if edge is not None and edge.state != "finished":
            return Resize(canvas.model, layout, edge)
        block = self._block_at(point)
        if block is not None and canvas.model.is_open(block.stage.id):
            return Reorder(canvas.model, layout, block, point)
        return None

    def move(self, event: QMouseEvent) -> bool:
        """Continue a drag, or set the cursor to what a press would start. Returns True: the event is handled."""
        canvas, point = self._canvas, event.position()
        if canvas.gesture is not None:
            self._edits.attempt(partial(canvas.gesture.move, point))
            canvas.refresh()
            return True
        edge, block = canvas.layout_shown.edge(point), self._block_at(point)
        over_edge = edge is not None and edge.state != "finished"
        shape = Qt.CursorShape.SizeHorCursor if over_edge else Qt.CursorShape.ArrowCursor
        if shape != canvas.cursor().shape():
            canvas.setCursor(shape)
        canvas.hover(block.stage.id if block else "")
        return True

    def release(self, event: QMouseEvent) -> bool:
        """Finish the drag: change the plan. Returns True: the event is handled."""
        gesture = self._canvas.gesture
        self._canvas.set_gesture(None)
        if gesture is not None:
            self._edits.attempt(gesture.finish)
            self._canvas.refresh()
        return True

    def double_click(self, event: QMouseEvent) -> bool:
        """Open a clip's options; on the ruler, return the playhead to the newest step. Returns True: it is handled."""
        self._canvas.set_gesture(None)
        if self._is_on_ruler(event.position()):
            self._edits.scrub(0)
        elif block := self._block_at(event.position()):
            self._canvas.select(block.stage.id)
            self._edits.open_selected()
        return True

    def leave(self, event: QEvent) -> bool:
        """Clear the hovered clip. Returns False: Qt handles the event, too."""
        self._canvas.hover("")
        return False

    def wheel(self, event: QWheelEvent) -> bool:
        """Zoom with Ctrl, otherwise scroll. Returns True: the event is handled."""
        canvas, delta = self._canvas, event.angleDelta()
        if event.modifiers() & CTRL:
            canvas.zoom(ZOOM_STEP ** (delta.y() / WHEEL_NOTCH), event.position().x())
        else:
            turned = delta.x() or delta.y()
            canvas.scroll_to(round(canvas.layout_shown.scale.first - turned / WHEEL_NOTCH * canvas.span_shown / 10))
        event.accept()
        return True

    def ask_menu(self, event: QContextMenuEvent) -> bool:
        """Emit `menu_wanted`, at the mouse or (by key) at the selected clip. Returns True: the event is handled."""
        canvas, position = self._canvas, event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            block = self._block_at(QPointF(event.pos()))
            canvas.select(block.stage.id if block else "")
        elif block := canvas.layout_shown.block(canvas.selected):
            position = canvas.mapToGlobal(canvas.layout_shown.rect(block).center().toPoint())
        self.menu_wanted.emit(position)
        return True

    def _is_on_ruler(self, point: QPointF) -> bool:
        area = self._canvas.layout_shown.area
        return QRectF(area.left() - 8, 0, area.width() + 16, RULER).contains(point)

    def _block_at(self, point: QPointF) -> ClipBlock | None:
        found = self._canvas.layout_shown.at(point)
        return found[1] if found and found[0] == 0 else None

    def drag_in(self, event: QDragEnterEvent) -> bool:
        """Accept a drag that carries a task. Returns True: the event is handled."""
        if unpack(event.mimeData()) is not None:
            event.acceptProposedAction()
        return True

    def drag_over(self, event: QDragMoveEvent) -> bool:
        """Show where the task would be inserted. Returns True: the event is handled."""
        self._canvas.show_gap(self._gap_at(event.position()))
        event.acceptProposedAction()
        return True

    def drag_out(self, event: QEvent) -> bool:
        """Hide the insertion mark. Returns True: the event is handled."""
        self._canvas.show_gap(None)
        return True

    def drop(self, event: QDropEvent) -> bool:
        """Insert a stage of the task where it was dropped. Returns True: the event is handled."""
        canvas = self._canvas
        canvas.show_gap(None)
        stage = unpack(event.mimeData())
        if stage is not None:
            canvas.select(canvas.model.insert(self._gap_at(event.position()), stage))
            canvas.setFocus(Qt.FocusReason.OtherFocusReason)
            event.acceptProposedAction()
        canvas.update()
        return True

    def _gap_at(self, point: QPointF) -> int:
        return self._canvas.layout_shown.gap(point.x(), self._canvas.model.history.first_open)


HANDLERS: Mapping[QEvent.Type, Callable[[ClipGestures, Any], bool]] = {
    QEvent.Type.ShortcutOverride: ClipGestures.claim_key,
    QEvent.Type.KeyPress: ClipGestures.press_key,
    QEvent.Type.FocusIn: ClipGestures.gain_focus,
    QEvent.Type.FocusOut: ClipGestures.change_focus,
    QEvent.Type.MouseButtonPress: ClipGestures.press,
    QEvent.Type.MouseMove: ClipGestures.move,
    QEvent.Type.MouseButtonRelease: ClipGestures.release,
    QEvent.Type.MouseButtonDblClick: ClipGestures.double_click,
    QEvent.Type.Leave: ClipGestures.leave,
    QEvent.Type.Wheel: ClipGestures.wheel,
    QEvent.Type.ContextMenu: ClipGestures.ask_menu,
    QEvent.Type.DragEnter: ClipGestures.drag_in,
    QEvent.Type.DragMove: ClipGestures.drag_over,
    QEvent.Type.DragLeave: ClipGestures.drag_out,
    QEvent.Type.Drop: ClipGestures.drop,
}
"""The handler of each type of event."""

NO, ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
Key = Qt.Key
KEYS: Mapping[tuple[Qt.Key, Qt.KeyboardModifier], tuple[Callable[[ClipEdits, int], None], int]] = {
    (Key.Key_Left, NO): (ClipEdits.select_next, -1),
    (Key.Key_Right, NO): (ClipEdits.select_next, 1),
    (Key.Key_Left, ALT): (ClipEdits.shift_selected, -1),
    (Key.Key_Right, ALT): (ClipEdits.shift_selected, 1),
    (Key.Key_Left, SHIFT): (ClipEdits.scrub, -1),
    (Key.Key_Right, SHIFT): (ClipEdits.scrub, 1),
    (Key.Key_End, NO): (ClipEdits.scrub, 0),
    (Key.Key_Plus, NO): (ClipEdits.lengthen, 1),
    (Key.Key_Equal, NO): (ClipEdits.lengthen, 1),
    (Key.Key_Plus, SHIFT): (ClipEdits.lengthen, 1),
    (Key.Key_Minus, NO): (ClipEdits.lengthen, -1),
    (Key.Key_Delete, NO): (ClipEdits.remove_selected, 0),
    (Key.Key_Backspace, NO): (ClipEdits.remove_selected, 0),
    (Key.Key_D, CTRL): (ClipEdits.duplicate_selected, 0),
    (Key.Key_Return, NO): (ClipEdits.open_selected, 0),
    (Key.Key_Enter, NO): (ClipEdits.open_selected, 0),
    (Key.Key_F2, NO): (ClipEdits.open_selected, 0),
    (Key.Key_Escape, NO): (ClipEdits.cancel_gesture, 0),
}
"""The method and argument of each key with its modifiers."""


def _edit_of(event: QKeyEvent) -> tuple[Callable[[ClipEdits, int], None], int] | None:
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier  # keys of the number pad act as the others
    return KEYS.get((Qt.Key(event.key()), modifiers))
