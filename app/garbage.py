"""Keeps Python's search for garbage from holding up the window.

A full search looks at every object and stops every thread meanwhile; among Torch's three
hundred thousand objects it takes 0.2 s. They are no garbage, so they are left out.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject

from app.session import Session


class Garbage(QObject):
    """Lets the search begin once the lab is ready, and only among what came later."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        gc.disable()
        session.watching.viewer.ready.connect(self._begin)
        session.watching.viewer.finished.connect(self._begin)
        session.state_changed.connect(self._leave_out_trainer)

    def _begin(self) -> None:
        gc.freeze()
        gc.enable()

    def _leave_out_trainer(self, state: str) -> None:
        """Leave out what the first run loaded, too."""
        if state == "running":
            self._session.state_changed.disconnect(self._leave_out_trainer)
            gc.freeze()
