"""Where the focus goes when its widget is disabled, hidden or deleted: it stays in the panel."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.window.dock_area import DockArea
from app.window.shortcut_owners import owns
from widgets.shell.card import Card

_TYPED_INTO = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)
"""What Space writes into: nobody is put there unasked."""


class KeyboardFocus(QObject):
    """Gives the keyboard to a neighbour in the same card that leaves Space to the window, or to the card itself.

    Qt would give it to the next widget of the window, whatever that is.
    """

    def __init__(self, window: QMainWindow, docks: DockArea) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self._card: Card | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # the window that we belong to needs one
        application.focusChanged.connect(self._follow)

    def keeps(self, left: QWidget | None) -> bool:
        """Whether the widget that has the keyboard can't keep it; then it has been given to another."""
        if left is None or (left.isEnabled() and left.isVisibleTo(self._window)):
            return False
        self._give(self._docks.card_of(left), left)
        return True

    def _give(self, card: Card | None, left: QWidget | None) -> None:
        if card is None or self._docks.hides(card):
            self._docks.setFocus()
            return
        inside = card.findChildren(QWidget)
        behind = inside[inside.index(left) + 1 :] if left in inside else []
        fitting = (widget for widget in (*behind, *inside) if _may_have(widget, card))
        next(fitting, card).setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow(self, before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and now.window() is self._window:
            self._card = self._docks.card_of(now)
        elif now is None:
            QTimer.singleShot(0, self, self._catch)  # not yet: it may be on its way elsewhere

    def _catch(self) -> None:
        """Take the keyboard up where it has been dropped, by a widget that was deleted."""
        if self._window.isActiveWindow() and QApplication.focusWidget() is None:
            self._give(self._card, None)


def _may_have(widget: QWidget, card: Card) -> bool:
    return (
        bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.focusProxy() is None
        and widget.isEnabled()
        and widget.isVisibleTo(card)
        and not isinstance(widget, _TYPED_INTO)
        and not owns(widget, Qt.Key.Key_Space)
    )
