"""Combo boxes, spin boxes and sliders that are not changed by accident, by the wheel or by arrow keys.

The mouse wheel changes a control only after a click into it; until then it scrolls the area around it. Qt's own
controls change when the wheel is turned while the pointer happens to be over them. These are subclasses because an
event filter on the application would call Python for every event of every widget, a thousand times a second while
a run is running.
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

_CLICK_REASONS = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason)
"""Focus reasons that leave a control clicked: the click itself, and the return from a popup list or a menu."""


_NAVIGATION_KEYS = (
    *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End),
)
"""Keys that move through a list; the first four also in an editable combo box."""


class _WheelGuard:
    """Decides whether the wheel may change a control: after a click, until the control gets the focus otherwise."""

    def __init__(self, control: QWidget) -> None:
        control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not WheelFocus, which a turn of the wheel would set
        self._control, self.is_clicked = control, False

    def update_on_focus(self, event: QFocusEvent) -> None:
        """Reset the click if the control got the focus in another way."""
        self.is_clicked = self.is_clicked and event.reason() in _CLICK_REASONS

    def accepts(self, event: QWheelEvent) -> bool:
        """Return whether the wheel event changes the control; if not, it is passed on to the scroll area."""
        if self.is_clicked and self._control.hasFocus():
            return True
        scroll_page(self._control, event)
        return False


class ComboBox(QComboBox):
    """A combo box that no key changes while its list is closed; in Qt's own, every arrow and letter selects an item.

    Navigation and search keys open the list, in which Enter or a click selects and Esc cancels.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wheel = _WheelGuard(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the wheel change the selection from now on."""
        self._wheel.is_clicked = True
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Let the wheel scroll the page again if the focus was not set by a click."""
        self._wheel.update_on_focus(event)
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Change the selection after a click; otherwise scroll the page."""
        if self._wheel.accepts(event):
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open the list on a key that would change the selection."""
        if self._is_navigation(event):
            self.showPopup()
        elif self._is_search(event):
            self.showPopup()
            QApplication.sendEvent(self.view(), event)
        else:
            super().keyPressEvent(event)

    def _is_navigation(self, event: QKeyEvent) -> bool:
        # in an editable combo box the other keys move the text cursor
        keys = _NAVIGATION_KEYS[:4] if self.isEditable() else _NAVIGATION_KEYS
        return event.key() in keys and not event.modifiers() & Qt.KeyboardModifier.AltModifier

    def _is_search(self, event: QKeyEvent) -> bool:
        text, shortcut = event.text(), Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        return bool(text.strip()) and text.isprintable() and not self.isEditable() and not event.modifiers() & shortcut


class Slider(QSlider):
    """A horizontal slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._wheel = _WheelGuard(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the wheel move the slider from now on."""
        self._wheel.is_clicked = True
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Let the wheel scroll the page again if the focus was not set by a click."""
        self._wheel.update_on_focus(event)
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Move, after a click; otherwise scroll the page."""
        if self._wheel.accepts(event):
            super().wheelEvent(event)


class _SpinLine(QLineEdit):
    """The line edit of a spin box, which receives the clicks on the text."""

    def __init__(self, wheel: _WheelGuard, parent: QWidget) -> None:
        super().__init__(parent)
        self._wheel = wheel

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._wheel.is_clicked = True
        super().mousePressEvent(event)


class SpinBox(QSpinBox):
    """A spin box for whole numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wheel = _WheelGuard(self)
        self._line = _SpinLine(self._wheel, self)
        self._line.setObjectName("qt_spinbox_lineedit")  # Qt's own name, which the style sheet uses
        self._line.setTextMargins(7, 0, 0, 0)  # the style sheet's padding does not reach the text of a spin box
        self.setLineEdit(self._line)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the wheel change the number from now on."""
        self._wheel.is_clicked = True
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Let the wheel scroll the page again if the focus was not set by a click."""
        self._wheel.update_on_focus(event)
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Change the number after a click; otherwise scroll the page."""
        if self._wheel.accepts(event):
            super().wheelEvent(event)


def scroll_page(control: QWidget, event: QWheelEvent) -> None:
    """Pass a wheel event on to the scroll area around `control`.

    Qt propagates ignored events of the mouse (spontaneous ones) to parent widgets itself, but not events that a
    program sends; those are sent on here.
    """
    event.ignore()
    area = control.parentWidget()
    while area is not None and not _scrolls(area):
        area = None if area.isWindow() else area.parentWidget()
    if event.spontaneous() or not isinstance(area, QAbstractScrollArea):
        return
    position = QPointF(area.viewport().mapFromGlobal(event.globalPosition().toPoint()))
    pixels, turn = event.pixelDelta(), event.angleDelta()
    rest = event.buttons(), event.modifiers(), event.phase(), event.inverted()
    QApplication.sendEvent(area.viewport(), QWheelEvent(position, event.globalPosition(), pixels, turn, *rest))


def _scrolls(widget: QWidget) -> bool:
    """Return whether a widget is a scroll area whose content does not fit."""
    bars: tuple[QScrollBar, ...] = ()
    if isinstance(widget, QAbstractScrollArea):
        bars = widget.verticalScrollBar(), widget.horizontalScrollBar()
    return any(bar.maximum() > bar.minimum() for bar in bars)
