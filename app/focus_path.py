"""Where the Tab key goes: to the next widget that can be seen, whatever lies behind it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def next_focus(start: QWidget, *, forward: bool, is_hidden: Callable[[QWidget], bool]) -> QWidget | None:
    """Return what the Tab key goes to from `start`, leaving out what `is_hidden`; None if there is nothing.

    Qt counts a card that lies behind another one as in sight, and would walk through all that it holds.
    """

    def step(widget: QWidget) -> QWidget | None:
        return of_its_parent(widget.nextInFocusChain() if forward else widget.previousInFocusChain())

    widget = step(start)
    while widget is not None and widget is not start:
        if _takes_focus(widget) and widget.window() is start.window() and not is_hidden(widget):
            return widget
        widget = step(widget)
    return None


def _takes_focus(widget: QWidget) -> bool:
    tabbed = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    if not (tabbed and widget.isVisible() and widget.isEnabled()):
        return False
    return of_its_parent(widget.focusProxy()) is None


def of_its_parent(widget: QWidget | None) -> QWidget | None:
    """Return a widget after giving it to the parent it has: nothing to Qt, but it sets straight what PySide believes.

    It takes a widget that another one names for that one's child: with it, what the widget holds would count as gone.
    """
    if widget is not None:
        widget.setParent(widget.parentWidget())
    return widget
