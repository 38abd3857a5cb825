"""Schedule Python's garbage collection for moments at which the window is idle.

A full search looks at every object and stops every thread meanwhile: 0.2 s among Torch's three
hundred thousand objects, and as much again among an agent's memories. So what has survived
one search is left out of the next, until a run is over and a moment's rest disturbs nobody. A
story that was read from disk is never searched: it goes with the last one who holds it.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from app.session.session import LIVE, Session

OFTEN = (700, 10, 3)
"""Full searches come this often: among what is new only, one takes some ten milliseconds."""

REST = 2_000
"""Milliseconds after a run's end after which everything is searched: only living leaves much behind."""


class GCScheduler(QObject):
    """Begins to search once the lab is ready, and only among what came later."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._usual = gc.get_threshold()
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._search)
        self._has_lived = False
        gc.disable()
        session.watching.viewer.ready.connect(self._begin)
        session.watching.viewer.finished.connect(self._begin)
        session.state_changed.connect(self._follow)
        session.scene_changed.connect(self._wait)
        session.run_library.loaded.connect(self._leave_out)
        session.run_library.overlaid.connect(self._leave_out)
        if application := QCoreApplication.instance():
            application.aboutToQuit.connect(self.end)

    def end(self) -> None:
        """Leave Python's search as it was found."""
        if _leave_out_survivors in gc.callbacks:
            gc.callbacks.remove(_leave_out_survivors)
        gc.set_threshold(*self._usual)
        gc.unfreeze()
        gc.enable()

    def _begin(self) -> None:
        if not gc.isenabled():
            gc.freeze()
            gc.callbacks.append(_leave_out_survivors)
            gc.set_threshold(*OFTEN)
            gc.enable()

    def _follow(self, state: str) -> None:
        """Leave out what a run loaded before its first step; clear up after its last."""
        if state == "running":
            gc.freeze()
        if state in LIVE:
            self._has_lived = True
            self._rest.stop()
        else:
            self._rest.start()

    def _leave_out(self) -> None:
        """Leave out a story that has just been read: one of a million events would hold up the window for a second."""
        if gc.isenabled():
            gc.freeze()

    def _search(self) -> None:
        """Search everything if a run was lived since the last time, else what is new."""
        if self._has_lived:
            gc.unfreeze()
        self._has_lived = False
        gc.collect()

    def _wait(self) -> None:
        """Whoever looks at one moment of a run after another is not at rest."""
        if self._rest.isActive():
            self._rest.start()


def _leave_out_survivors(phase: str, info: Mapping[str, Any]) -> None:
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()
