"""Trim the heap after a run has ended."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from agents.runtime.heap_trim import give_back
from app.session.session import LIVE, Session

REST = 3_000
"""Milliseconds without a run after which memory is given back: a little later than garbage is searched for."""


class HeapTrimAfterRuns(QObject):
    """Waits until no run is going on."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(give_back)
        session.state_changed.connect(self._follow)

    def _follow(self, state: str) -> None:
        if state in LIVE:
            self._rest.stop()
        else:
            self._rest.start()
