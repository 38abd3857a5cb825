"""Keep the keyboard focus in its panel when the focused widget is disabled, hidden or deleted."""

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

_TEXT_FIELDS = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)
"""Widgets that insert a space for the Space key, which starts and pauses a run elsewhere: never focused unasked."""


class KeyboardFocus(QObject):
    """Moves a lost focus to the next widget of the same card that does not use Space, or to the card itself.

    Qt alone would move it to the next widget of the window, in any card.
    """

    def __init__(self, window: QMainWindow, docks: DockArea) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self._card: Card | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # a window exists only with one
        application.focusChanged.connect(self._on_focus_changed)

    def move_if_lost(self, lost: QWidget | None) -> bool:
        """Move the focus on if this widget can't keep it; return whether it was moved."""
        if lost is None or (lost.isEnabled() and lost.isVisibleTo(self._window)):
            return False
        self._focus_neighbour(self._docks.card_of(lost), lost)
        return True

    def _focus_neighbour(self, card: Card | None, lost: QWidget | None) -> None:
        if card is None or self._docks.is_hidden(card):
            self._docks.setFocus()
            return
        widgets = card.findChildren(QWidget)
        following = widgets[widgets.index(lost) + 1 :] if lost in widgets else []
        candidates = (widget for widget in (*following, *widgets) if _accepts_focus(widget, card))
        next(candidates, card).setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and new.window() is self._window:
            self._card = self._docks.card_of(new)
        elif new is None:
            QTimer.singleShot(0, self, self._restore_focus)  # later: Qt may be about to focus another widget

    def _restore_focus(self) -> None:
        """Focus a widget of the last card if no widget has the focus, because it was deleted."""
        if self._window.isActiveWindow() and QApplication.focusWidget() is None:
            self._focus_neighbour(self._card, None)


def _accepts_focus(widget: QWidget, card: Card) -> bool:
    return (
        bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.focusProxy() is None
        and widget.isEnabled()
        and widget.isVisibleTo(card)
        and not isinstance(widget, _TEXT_FIELDS)
        and not owns(widget, Qt.Key.Key_Space)
    )
