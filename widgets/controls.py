"""Controls that the mouse wheel changes only after a click into them: until then it scrolls the page around them.

Qt's own spin boxes, combo boxes and sliders change under a wheel that only passes over them, so every control of the
lab is one of these. Subclasses, because a filter on the application would ask Python about every event of every
widget, a thousand a second while a run goes on.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFocusEvent, QMouseEvent, QWheelEvent
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
    """A list to choose from."""

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
