"""Open and close every panel and dialog of the window repeatedly, to find leaks."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QDialog

from app.window.main_window import MainWindow
from widgets.shell.card import Card


def cycle(window: MainWindow) -> None:
    """Close, open, float and dock every card; open and close every dialog; change theme and language and back."""
    for card in window.docks.cards.values():
        for action in _actions(card):
            action()
            QApplication.processEvents()
    for open_dialog in (window.help.shortcuts, window.help.about, window.help.report):
        open_dialog()
        QApplication.processEvents()
        _close_dialogs(window)
    for change in (window.appearance.toggle_theme, window.appearance.next_language) * 2:
        change()
        QApplication.processEvents()
    window.docks.reset()
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _actions(card: Card) -> tuple[Callable[[], object], ...]:
    def set_floating(floating: bool) -> Callable[[], None]:
        return lambda: card.setFloating(floating)

    return (card.close, card.show, card.raise_, set_floating(True), set_floating(False))


def _close_dialogs(window: MainWindow) -> None:
    for dialog in window.findChildren(QDialog):
        dialog.close()
    for thread in threading.enumerate():
        if thread.name == "report":  # the dialog that it collects data for is closed
            thread.join()
