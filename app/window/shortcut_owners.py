"""Widgets that keep certain keys for themselves while focused, instead of a window shortcut."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QPlainTextEdit,
    QWidget,
)

from widgets.shell.card import CardTab
from widgets.timeline.canvas import TimelineCanvas

_PRESSED = (QAbstractButton, QComboBox)
_MOVED = (CardTab, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QPlainTextEdit)
OWNERS: Mapping[Qt.Key, tuple[type[QWidget], ...]] = {
    Qt.Key.Key_Space: _PRESSED,
    Qt.Key.Key_Right: _MOVED,
    Qt.Key.Key_Delete: (QAbstractItemView,),
    Qt.Key.Key_F2: (QAbstractItemView, TimelineCanvas),
}
_OWNING = tuple({kind for kinds in OWNERS.values() for kind in kinds})


def owns(widget: QWidget | None, key: int) -> bool:
    """Whether `widget` answers to `key` itself: Space presses a button, Right moves a slider.

    In a table Space would select the row that is selected: there, too, it plays and pauses.
    """
    return isinstance(widget, OWNERS.get(Qt.Key(key), ()))


class ShortcutOwners(QObject):
    """Leaves a key to the widget that has the focus and answers to it, though a shortcut of the window has it, too.

    Only that widget is listened to: a filter on the window would be asked about every picture in it.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # the window that we belong to needs one
        application.focusChanged.connect(self._follow)

    def _follow(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is not None:
            before.removeEventFilter(self)
        if now is not None and now.window() is self._window and isinstance(now, _OWNING):
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take the key before the window's shortcuts see it."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if event.modifiers() or not isinstance(watched, QWidget) or not owns(watched, event.key()):
            return False
        event.accept()
        return True
