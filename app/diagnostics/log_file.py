"""The log: a file for bug reports, and records for the log panel."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from app.diagnostics.log_folder import LOG, STALLS, log_folder

STALLED = "palimpsest.stalls"
"""The logger of what kept the window; it writes to a file of its own, and the log is told once."""
FILES: Mapping[str, tuple[str, int, int]] = {"": (LOG, 2_000_000, 3), STALLED: (STALLS, 200_000, 1)}
"""Files by the logger that is written there: name, bytes at most, and how many older ones are kept."""
LEVELS: Mapping[QtMsgType, int] = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.DEBUG,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
"""How much Qt's messages matter to people: its warnings are notes to programmers."""


class Relay(QObject):
    """Carries log records from any thread into the window's.

    Signals:
        written: a `logging.LogRecord`.
    """

    written = Signal(object)


class RelayHandler(logging.Handler):
    """Hands every record to a `Relay`."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(logging.INFO)
        self._relay = relay

    def emit(self, record: logging.LogRecord) -> None:
        """Send `record` on its way."""
        self._relay.written.emit(record)


class FirstStall(logging.Handler):
    """Tells the log in one line that the window stood still, the first time that it did."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._is_told = False

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of the first stall, and where it and all others are written down."""
        if not self._is_told:
            self._is_told = True
            first = record.getMessage().partition("\n")[0]
            logging.getLogger("palimpsest").info("%s; this and every further time: %s", first, STALLS)


class LogFile(QObject):
    """Listens to Python's logging while the window is open."""

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder or log_folder()
        self.relay = Relay(self)
        self._handlers: list[tuple[logging.Logger, logging.Handler]] = []
        logging.getLogger("palimpsest").setLevel(logging.DEBUG)
        self._add("", RelayHandler(self.relay))
        for name, file in FILES.items():
            self._add_file(name, *file)
        self._add(STALLED, FirstStall())
        logging.getLogger(STALLED).propagate = False

    def close(self) -> None:
        """Stop listening."""
        logging.getLogger(STALLED).propagate = True
        for logger, handler in self._handlers:
            logger.removeHandler(handler)
            handler.close()

    def _add(self, name: str, handler: logging.Handler) -> None:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        self._handlers.append((logger, handler))

    def _add_file(self, logger: str, file: str, largest: int, older: int) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(
                self.folder / file, maxBytes=largest, backupCount=older, delay=True, encoding="utf-8"
            )
        except OSError as error:
            # the lab works without a log file; the panel still shows the lines
            logging.getLogger("palimpsest").warning("no log file: %s", error)
            return
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._add(logger, handler)


def hear_qt() -> None:
    """Let Qt speak to the log instead of the terminal."""
    qInstallMessageHandler(_pass_on)


def _pass_on(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("palimpsest.qt").log(LEVELS[kind], message)
