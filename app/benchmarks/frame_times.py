"""When a press has been answered: the time of the last frame that it changes."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.window.main_window import MainWindow

QUIET, PATIENCE = 0.3, 10.0
"""Seconds without a frame after which nothing more is expected, and after which nothing more is waited for."""
LOOK = 5
"""Milliseconds between two looks."""


class FrameTimer(QObject):
    """Presses something, and sees when the frames that follow are over.

    Only windows are listened to, for their requests to be painted: a filter on the whole application would slow down
    what it measures. A dialog that a press opens is closed again.
    """

    def __init__(self, window: MainWindow, *, is_live: bool) -> None:
        super().__init__(window)
        self._window, self._is_live = window, is_live
        self._heard: set[QWidget] = set()
        self._begun = self._returned = self._framed = 0.0
        self._taken: float | None = None
        self._loop = QEventLoop(self)
        self._looking = QTimer(self, interval=LOOK)
        self._looking.timeout.connect(self._look)
        self._listen()

    def after(self, press: Callable[[], object]) -> float:
        """Do `press` from the event loop; return the milliseconds until its last frame was painted."""
        self._begun = perf_counter()
        self._returned, self._framed, self._taken = 0.0, 0.0, None
        QTimer.singleShot(0, self, lambda: self._press(press))
        self._looking.start()
        self._loop.exec()
        self._looking.stop()
        assert self._taken is not None, "it is known when nothing more is waited for"
        return self._taken

    def end(self) -> None:
        """Listen no longer."""
        for heard in self._heard:
            heard.removeEventFilter(self)
        self._heard.clear()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Note when a frame has been painted: right after the request for it has been followed."""
        if event.type() == QEvent.Type.UpdateRequest:
            QTimer.singleShot(0, self, self._frame)
        elif event.type() == QEvent.Type.Close and watched is not self._window:
            self._heard.discard(watched)
        return False

    def _press(self, press: Callable[[], object]) -> None:
        try:
            press()
        finally:
            self._returned = perf_counter()

    def _frame(self) -> None:
        self._framed = perf_counter()

    def _listen(self) -> None:
        """Listen to the windows that have been opened since the last look; each has just been painted."""
        for window in {widget for widget in QApplication.topLevelWidgets() if widget.isVisible()} - self._heard:
            window.installEventFilter(self)
            self._heard.add(window)
            self._framed = perf_counter()

    def _look(self) -> None:
        self._listen()
        now, dialog = perf_counter(), QApplication.activeModalWidget() or QApplication.activePopupWidget()
        if self._taken is None:
            returned = self._returned or (self._framed if dialog else 0.0)
            self._taken = self._known(returned, now)
        elif dialog is not None:
            self._heard.discard(dialog)
            dialog.close()
        elif self._returned:
            self._loop.quit()

    def _known(self, returned: float, now: float) -> float | None:
        """Return the milliseconds that the press took, once they are known."""
        last = max(returned, self._framed)
        if self._is_live:
            is_over = bool(returned) and self._framed >= returned and self._window.docks.is_drawn
        else:
            is_over = bool(returned) and now - last > QUIET
        if is_over:
            return (last - self._begun) * 1000
        return (now - self._begun) * 1000 if now - self._begun > PATIENCE else None
