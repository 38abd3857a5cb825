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

_PRESSABLE = (QAbstractButton, QComboBox)
_MOVABLE = (CardTab, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QPlainTextEdit)
OWNERS: Mapping[Qt.Key, tuple[type[QWidget], ...]] = {
    Qt.Key.Key_Space: _PRESSABLE,
    Qt.Key.Key_Right: _MOVABLE,
    Qt.Key.Key_Delete: (QAbstractItemView,),
    Qt.Key.Key_F2: (QAbstractItemView, TimelineCanvas),
}
_OWNER_TYPES = tuple({kind for kinds in OWNERS.values() for kind in kinds})


def owns(widget: QWidget | None, key: int) -> bool:
    """Return whether `widget` handles `key` itself: Space presses a button, Right moves a slider.

    Tables don't handle Space: it would only select the selected row, so it plays and pauses there, too.
    """
    return isinstance(widget, OWNERS.get(Qt.Key(key), ()))


class ShortcutOwners(QObject):
    """Passes a key to the focused widget if that handles it, instead of the window's shortcut.

    The event filter is installed on that widget only: one on the window would be called for every paint event.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # a window exists only with one
        application.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None and new.window() is self._window and isinstance(new, _OWNER_TYPES):
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Accept the key before it triggers a shortcut of the window."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if event.modifiers() or not isinstance(watched, QWidget) or not owns(watched, event.key()):
            return False
        event.accept()
        return True
