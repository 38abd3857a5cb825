"""Which widgets keep a key for themselves while they have the focus, though the window has a shortcut on it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QPlainTextEdit,
    QWidget,
)

_PRESSED = (QAbstractButton, QComboBox)
_MOVED = (QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QPlainTextEdit)
OWNERS: Mapping[Qt.Key, tuple[type[QWidget], ...]] = {
    Qt.Key.Key_Space: _PRESSED,
    Qt.Key.Key_Right: _MOVED,
    Qt.Key.Key_Delete: (QAbstractItemView,),
}


def owns(widget: QWidget | None, key: int) -> bool:
    """Whether `widget` answers to `key` itself: Space presses a button, Right moves a slider.

    In a table Space would select the row that is selected: there, too, it plays and pauses.
    """
    return isinstance(widget, OWNERS.get(Qt.Key(key), ()))
