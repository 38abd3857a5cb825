"""Schedule Python's garbage collection for times at which the window is idle.

A full collection visits every object and stops every thread meanwhile: 0.2 s for Torch's three
hundred thousand objects, and as much again for an agent's memory entries. So the objects that survive one
collection are frozen (excluded from the next ones, `gc.freeze`), until no run is active and a pause
disturbs nobody. A story that was read from disk stays frozen: reference counting frees it.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from app.session.session import LIVE, Session

THRESHOLDS = (700, 10, 3)
"""Thresholds of `gc.set_threshold`: a full collection of only the objects not frozen takes about ten milliseconds."""

IDLE_DELAY = 2_000
"""Milliseconds after a run's end until everything is collected: most garbage comes from runs."""


class GCScheduler(QObject):
    """Disables garbage collection until the watched agent is ready, and then limits it to new objects."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._original_thresholds = gc.get_threshold()
        self._idle_timer = QTimer(self, singleShot=True, interval=IDLE_DELAY)
        self._idle_timer.timeout.connect(self._collect)
        self._had_run = False
        gc.disable()
        session.watching.viewer.ready.connect(self._begin)
        session.watching.viewer.finished.connect(self._begin)
        session.state_changed.connect(self._on_state_changed)
        session.scene_changed.connect(self._postpone)
        session.run_library.loaded.connect(self._freeze)
        session.run_library.overlaid.connect(self._freeze)
        if application := QCoreApplication.instance():
            application.aboutToQuit.connect(self.end)

    def end(self) -> None:
        """Restore Python's own garbage collection."""
        if _freeze_survivors in gc.callbacks:
            gc.callbacks.remove(_freeze_survivors)
        gc.set_threshold(*self._original_thresholds)
        gc.unfreeze()
        gc.enable()

    def _begin(self) -> None:
        if not gc.isenabled():
            gc.freeze()
            gc.callbacks.append(_freeze_survivors)
            gc.set_threshold(*THRESHOLDS)
            gc.enable()

    def _on_state_changed(self, state: str) -> None:
        """Freeze what a run loaded before its first step; collect after its end."""
        if state == "running":
            gc.freeze()
        if state in LIVE:
            self._had_run = True
            self._idle_timer.stop()
        else:
            self._idle_timer.start()

    def _freeze(self) -> None:
        """Freeze a story that has just been read: collecting one of a million events would take a second."""
        if gc.isenabled():
            gc.freeze()

    def _collect(self) -> None:
        """Collect everything if there was a run since the last time, else only new objects."""
        if self._had_run:
            gc.unfreeze()
        self._had_run = False
        gc.collect()

    def _postpone(self) -> None:
        """Restart the delay while the user moves the playhead."""
        if self._idle_timer.isActive():
            self._idle_timer.start()


def _freeze_survivors(phase: str, info: Mapping[str, Any]) -> None:
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()
