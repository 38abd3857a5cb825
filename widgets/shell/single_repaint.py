"""Repaints a window once after many changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QWidget


@contextmanager
def one_frame(window: QWidget) -> Iterator[None]:
    """Disable updates of `window` within the context, then lay it out and repaint it once."""
    window.setUpdatesEnabled(False)
    try:
        yield
    finally:
        _lay_out()
        # after the zero-delay timers with which widgets distribute their space again
        QTimer.singleShot(0, window, partial(_show, window))


def _lay_out() -> None:
    """Process all pending layout requests."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def _show(window: QWidget) -> None:
    _lay_out()
    window.setUpdatesEnabled(True)
    # not `update`: requests made while updates were disabled are marked as pending, and would not be painted
    window.repaint()
