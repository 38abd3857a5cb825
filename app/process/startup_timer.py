"""Time the start-up; enabled by `PALIMPSEST_STOPWATCH=1`, and read by `bench startup`."""

from __future__ import annotations

import sys
from time import monotonic

from PySide6.QtCore import QObject

from app.window.main_window import MainWindow
from widgets.scene import Scene


class StartupTimer(QObject):
    """Prints on stderr when the window was painted, and when it showed the first step of a run.

    The times are those of the system's monotonic clock, which other processes can read, too.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session = window.session
        window.painted.connect(self._note_paint)
        self._session.scene_changed.connect(self._note_step)

    def _note_paint(self) -> None:
        _tell("painted")

    def _note_step(self, scene: Scene) -> None:
        if scene.story is not None and scene.story.step > 0:
            self._session.scene_changed.disconnect(self._note_step)
            _tell("stepped")


def _tell(mark: str) -> None:
    sys.stderr.write(f"{mark} {monotonic():.6f}\n")
    sys.stderr.flush()
