"""Error handling while the window is open: uncaught exceptions, stalls, traces of earlier crashes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.diagnostics.crashes import CrashTrace, ExceptionHooks
from app.diagnostics.watchdog import Watchdog
from app.session.notice import Notice
from app.session.session import Session
from widgets.style.translation import tr


class ErrorGuard(QObject):
    """Logs uncaught exceptions, stalls and crashes from its creation on, and shows notices in the window."""

    def __init__(self, logs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hooks, self.watchdog = ExceptionHooks(self), Watchdog(self)
        self._crash_trace = CrashTrace(logs)
        self._last_trace = self._crash_trace.begin()
        self._session: Session | None = None
        self._pending: list[str] = []
        self.hooks.raised.connect(self._notify)

    def watch(self, session: Session) -> None:
        """Start to detect stalls, and show the errors since start-up and of an earlier crash; called after painting."""
        self._session = session
        self.watchdog.begin()
        if self._last_trace is not None:
            text = tr("The lab ended abnormally last time. Help › Report a problem… collects the details.")
            session.notice(text, is_problem=True)
        for error in self._pending:
            self._notify(error)

    def end(self) -> None:
        """Remove the hooks and the crash trace."""
        self.watchdog.end()
        self.hooks.end()
        self._crash_trace.end()

    def _notify(self, error: str) -> None:
        if self._session is None:
            self._pending.append(error)
        else:
            text = tr("Something went wrong: {error}. The lab keeps running.", error=error)
            self._session.noticed.emit(Notice(text, is_problem=True))  # the traceback is in the log already
