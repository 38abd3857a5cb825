"""Error handling while the window is open: uncaught exceptions, stalls, traces of earlier crashes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.diagnostics.crashes import CrashTrace, Hooks
from app.diagnostics.watchdog import Watchdog
from app.session.notice import Notice
from app.session.session import Session
from widgets.style.translation import tr


class Guard(QObject):
    """Notes what goes wrong from the moment it is made, and tells it in the window it is given."""

    def __init__(self, logs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hooks, self.watchdog = Hooks(self), Watchdog(self)
        self._trace = CrashTrace(logs)
        self._crashed = self._trace.begin()
        self._session: Session | None = None
        self._untold: list[str] = []
        self.hooks.raised.connect(self._tell)

    def stand_by(self, session: Session) -> None:
        """The window can be seen: keep watch, and say what went wrong until now, or last time."""
        self._session = session
        self.watchdog.begin()
        if self._crashed is not None:
            said = tr("The lab ended abnormally last time. Help › Report a problem… gathers what is known.")
            session.notice(said, is_problem=True)
        for error in self._untold:
            self._tell(error)

    def end(self) -> None:
        """Leave everything as it was found."""
        self.watchdog.end()
        self.hooks.end()
        self._trace.end()

    def _tell(self, error: str) -> None:
        if self._session is None:
            self._untold.append(error)
        else:
            text = tr("Something went wrong: {error}. The lab goes on.", error=error)
            self._session.noticed.emit(Notice(text, is_problem=True))  # its traceback is in the log already
