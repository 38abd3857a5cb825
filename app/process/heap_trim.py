"""Trim the heap after a run has ended."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from agents.runtime.heap_trim import trim_heap
from app.session.session import LIVE, Session

IDLE_DELAY = 3_000
"""Milliseconds without a run until memory is returned to the system: shortly after the garbage collection."""


class HeapTrimAfterRuns(QObject):
    """Returns free memory to the operating system once no run is active."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._idle_timer = QTimer(self, singleShot=True, interval=IDLE_DELAY)
        self._idle_timer.timeout.connect(trim_heap)
        session.state_changed.connect(self._on_state_changed)

    def _on_state_changed(self, state: str) -> None:
        if state in LIVE:
            self._idle_timer.stop()
        else:
            self._idle_timer.start()
