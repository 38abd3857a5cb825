"""Controls that nothing changes in passing: not the wheel that scrolls over them, nor a key that walks through a list.

The mouse wheel changes a control only after a click into it; until then it scrolls the page around it. Qt's own spin
boxes, combo boxes and sliders change under a wheel that only passes over them, so every control of the
lab is one of these. Subclasses, because a filter on the application would ask Python about every event of every
widget, a thousand a second while a run goes on.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollBar,
    QSlider,
    QSpinBox,
    QWidget,
)

_KEPT = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason)
"""Reasons to get the focus that come of a click, or give it back after a list or a menu."""


_WALKING = (
    *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End),
)
"""Keys that walk through a list."""


class _Wheel:
    """Whether the wheel may change a control: after a click into it, until the focus comes by another way."""

    def __init__(self, control: QWidget) -> None:
        control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Qt's own gives the focus to what the wheel turns over
        self._control, self.is_clicked = control, False

    def hear_focus(self, event: QFocusEvent) -> None:
        """Forget the click where the focus came by another way."""
        self.is_clicked = self.is_clicked and event.reason() in _KEPT

    def changes(self, event: QWheelEvent) -> bool:
        """Return whether this turn is the control's; one that is not scrolls the page."""
        if self.is_clicked and self._control.hasFocus():
            return True
        scroll_page(self._control, event)
        return False


class ComboBox(QComboBox):
    """A list to choose from. Closed, it changes under no key: Qt's own takes every arrow and letter for a choice.

    Keys that walk or search open the list; there Enter or a click chooses, and Esc leaves all as it was.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wheel = _Wheel(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the wheel choose from now on."""
        self._wheel.is_clicked = True
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Let the wheel scroll the page, where the focus came by another way than a click."""
        self._wheel.hear_focus(event)
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Choose the next or the one before, after a click; otherwise scroll the page."""
        if self._wheel.changes(event):
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open the list on a key that would choose at once."""
        if self._walks(event):
            self.showPopup()
        elif self._searches(event):
            self.showPopup()
            QApplication.sendEvent(self.view(), event)
        else:
            super().keyPressEvent(event)

    def _walks(self, event: QKeyEvent) -> bool:
        keys = _WALKING[:4] if self.isEditable() else _WALKING  # the others move the cursor of a line of text
        return event.key() in keys and not event.modifiers() & Qt.KeyboardModifier.AltModifier

    def _searches(self, event: QKeyEvent) -> bool:
        text, held = event.text(), Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        return bool(text.strip()) and text.isprintable() and not self.isEditable() and not event.modifiers() & held


class Slider(QSlider):
    """A level slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._wheel = _Wheel(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the wheel move it from now on."""
        self._wheel.is_clicked = True
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Let the wheel scroll the page, where the focus came by another way than a click."""
        self._wheel.hear_focus(event)
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Move, after a click; otherwise scroll the page."""
        if self._wheel.changes(event):
            super().wheelEvent(event)


class _SpinLine(QLineEdit):
    """The line of text of a spin box, which is clicked in its place."""

    def __init__(self, wheel: _Wheel, parent: QWidget) -> None:
        super().__init__(parent)
        self._wheel = wheel

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._wheel.is_clicked = True
        super().mousePressEvent(event)


class SpinBox(QSpinBox):
    """A whole number with arrows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wheel = _Wheel(self)
        self._line = _SpinLine(self._wheel, self)
        self._line.setObjectName("qt_spinbox_lineedit")  # as Qt names its own
        self._line.setTextMargins(7, 0, 0, 0)  # the style sheet's padding does not reach the text of a spin box
        self.setLineEdit(self._line)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the wheel count from now on."""
        self._wheel.is_clicked = True
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Let the wheel scroll the page, where the focus came by another way than a click."""
        self._wheel.hear_focus(event)
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Count up or down, after a click; otherwise scroll the page."""
        if self._wheel.changes(event):
            super().wheelEvent(event)


def scroll_page(control: QWidget, event: QWheelEvent) -> None:
    """Pass a turn of the wheel on to the area that scrolls around `control`.

    Qt hands what a person's mouse sends on to the parents of whoever ignores it, but not what a program sends: that is
    passed on here.
    """
    event.ignore()
    area = control.parentWidget()
    while area is not None and not _scrolls(area):
        area = None if area.isWindow() else area.parentWidget()
    if event.spontaneous() or not isinstance(area, QAbstractScrollArea):
        return
    place = QPointF(area.viewport().mapFromGlobal(event.globalPosition().toPoint()))
    pixels, turn = event.pixelDelta(), event.angleDelta()
    held = event.buttons(), event.modifiers(), event.phase(), event.inverted()
    QApplication.sendEvent(area.viewport(), QWheelEvent(place, event.globalPosition(), pixels, turn, *held))


def _scrolls(widget: QWidget) -> bool:
    """Whether a widget is an area that has something to scroll."""
    bars: tuple[QScrollBar, ...] = ()
    if isinstance(widget, QAbstractScrollArea):
        bars = widget.verticalScrollBar(), widget.horizontalScrollBar()
    return any(bar.maximum() > bar.minimum() for bar in bars)
