"""Measure the time from a press to the last frame that it changes."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.window.main_window import MainWindow

QUIET, TIMEOUT = 0.3, 10.0
"""Seconds without a frame after which a press is complete, and maximum seconds of a press."""
INTERVAL = 5
"""Milliseconds between two checks."""


class FrameTimer(QObject):
    """Calls functions as presses, and detects their last frame.

    It filters the events of windows only, for their update requests: an event filter on the application would slow down
    what it measures. Dialogs that a press opens are closed.
    """

    def __init__(self, window: MainWindow, *, is_live: bool) -> None:
        super().__init__(window)
        self._window, self._is_live = window, is_live
        self._filtered: set[QWidget] = set()
        self._started = self._returned = self._last_frame = 0.0
        self._milliseconds: float | None = None
        self._loop = QEventLoop(self)
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self._check)
        self._filter_new_windows()

    def milliseconds_of(self, press: Callable[[], object]) -> float:
        """Call `press` from the event loop; return the milliseconds until its last frame was painted."""
        self._started = perf_counter()
        self._returned, self._last_frame, self._milliseconds = 0.0, 0.0, None
        QTimer.singleShot(0, self, lambda: self._press(press))
        self._timer.start()
        self._loop.exec()
        self._timer.stop()
        assert self._milliseconds is not None, "the loop ends only after it is set"
        return self._milliseconds

    def end(self) -> None:
        """Remove all event filters."""
        for window in self._filtered:
            window.removeEventFilter(self)
        self._filtered.clear()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Record the time after an update request has been handled, which paints a frame."""
        if event.type() == QEvent.Type.UpdateRequest:
            QTimer.singleShot(0, self, self._record_frame)
        elif event.type() == QEvent.Type.Close and watched is not self._window:
            self._filtered.discard(watched)
        return False

    def _press(self, press: Callable[[], object]) -> None:
        try:
            press()
        finally:
            self._returned = perf_counter()

    def _record_frame(self) -> None:
        self._last_frame = perf_counter()

    def _filter_new_windows(self) -> None:
        """Install the filter on windows that were opened since the last check; each has just been painted."""
        for window in {widget for widget in QApplication.topLevelWidgets() if widget.isVisible()} - self._filtered:
            window.installEventFilter(self)
            self._filtered.add(window)
            self._last_frame = perf_counter()

    def _check(self) -> None:
        self._filter_new_windows()
        now, dialog = perf_counter(), QApplication.activeModalWidget() or QApplication.activePopupWidget()
        if self._milliseconds is None:
            # a press that opens a modal dialog returns only after the dialog is closed
            returned = self._returned or (self._last_frame if dialog else 0.0)
            self._milliseconds = self._duration(returned, now)
        elif dialog is not None:
            self._filtered.discard(dialog)
            dialog.close()
        elif self._returned:
            self._loop.quit()

    def _duration(self, returned: float, now: float) -> float | None:
        """Return the milliseconds of the press, or None if it is not complete."""
        last = max(returned, self._last_frame)
        if self._is_live:
            is_over = bool(returned) and self._last_frame >= returned and self._window.docks.is_drawn
        else:
            is_over = bool(returned) and now - last > QUIET
        if is_over:
            return (last - self._started) * 1000
        return (now - self._started) * 1000 if now - self._started > TIMEOUT else None
