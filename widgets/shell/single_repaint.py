"""A change of the whole window that is seen at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QWidget


@contextmanager
def one_frame(window: QWidget) -> Iterator[None]:
    """Paint nothing of `window` until all that is changed within has its place: then once, and whole."""
    window.setUpdatesEnabled(False)
    try:
        yield
    finally:
        _lay_out()
        # widgets that share out their room anew do so by timers without delay: these go first
        QTimer.singleShot(0, window, partial(_show, window))


def _lay_out() -> None:
    """Let every layout that was asked to lay out anew do so, from the inside out."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def _show(window: QWidget) -> None:
    _lay_out()
    window.setUpdatesEnabled(True)
    # not `update`: what Qt was asked to paint meanwhile counts as asked for already, and would never be painted
    window.repaint()
