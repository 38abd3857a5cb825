"""Gives memory back to the system once no run needs it.

Learning asks for some three hundred megabytes and lets go of them with every minibatch. glibc keeps them for
the next, and keeps them still when the run is over.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.session import LIVE, Session

REST = 3_000
"""Milliseconds without a run after which memory is given back: a little later than garbage is searched for."""


class SpareMemory(QObject):
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


def give_back() -> bool:
    """Return to the system what the C library keeps for later; say whether it can."""
    trim = _trimmer()
    if trim is None:
        return False
    trim(0)
    return True


def _trimmer() -> Callable[[int], object] | None:
    """Find glibc's `malloc_trim`; other libraries do it by themselves."""
    if not sys.platform.startswith("linux"):
        return None
    trim: Callable[[int], object] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim
