"""Time the start-up; enabled by `PALIMPSEST_STOPWATCH=1`, and read by `bench startup`."""

from __future__ import annotations

import sys
from time import monotonic

from PySide6.QtCore import QObject

from app.window.main_window import MainWindow
from widgets.scene import Scene


class StartupTimer(QObject):
    """Prints to stderr when the window was painted, and when it showed the first step of a run.

    The times are those of the system's monotonic clock, so that the parent process can compare them with its own.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session = window.session
        window.painted.connect(self._record_paint)
        self._session.scene_changed.connect(self._record_step)

    def _record_paint(self) -> None:
        _write_mark("painted")

    def _record_step(self, scene: Scene) -> None:
        if scene.story is not None and scene.story.step > 0:
            self._session.scene_changed.disconnect(self._record_step)
            _write_mark("stepped")


def _write_mark(mark: str) -> None:
    sys.stderr.write(f"{mark} {monotonic():.6f}\n")
    sys.stderr.flush()
