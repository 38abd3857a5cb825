"""Keeps Python's search for garbage from holding up the window.

A full search looks at every object and stops every thread meanwhile: 0.2 s among Torch's three
hundred thousand objects, and as much again among an agent's memories. So what has survived
one search is left out of the next, until the run is over and a moment's rest disturbs nobody.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject

from app.session import LIVE, Session

OFTEN = (700, 10, 3)
"""Full searches come this often: among what is new only, one takes some ten milliseconds."""


class Garbage(QObject):
    """Begins to search once the lab is ready, and only among what came later."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._was_live = False
        self._usual = gc.get_threshold()
        gc.disable()
        session.watching.viewer.ready.connect(self._begin)
        session.watching.viewer.finished.connect(self._begin)
        session.state_changed.connect(self._follow)
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
        """Leave out what a run loaded before its first step; clear up after it."""
        is_live = state in LIVE
        if state == "running":
            gc.freeze()
        elif self._was_live and not is_live:
            gc.unfreeze()
            gc.collect()
        self._was_live = is_live


def _leave_out_survivors(phase: str, info: Mapping[str, Any]) -> None:
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()
