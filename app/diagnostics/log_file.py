"""The log: a file for bug reports, and records for the log panel."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from app.diagnostics.log_folder import LOG, STALLS, log_folder

STALLED = "palimpsest.stalls"
"""The logger of window stalls; it writes to a file of its own, and only the first stall appears in the log."""
FILES: Mapping[str, tuple[str, int, int]] = {"": (LOG, 2_000_000, 3), STALLED: (STALLS, 200_000, 1)}
"""Log file of each logger: name, size limit in bytes, and number of older files that are kept."""
LEVELS: Mapping[QtMsgType, int] = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.DEBUG,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
"""Log level of each type of Qt message; Qt's warnings address programmers, so they are debug messages here."""


class Relay(QObject):
    """Passes log records from any thread to the window's thread.

    Signals:
        written: a `logging.LogRecord`.
    """

    written = Signal(object)


class RelayHandler(logging.Handler):
    """Emits every record through a `Relay`."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(logging.INFO)
        self._relay = relay

    def emit(self, record: logging.LogRecord) -> None:
        """Emit `record` as the relay's signal."""
        self._relay.written.emit(record)


class FirstStall(logging.Handler):
    """Reports the first window stall in one line of the log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._has_logged = False

    def emit(self, record: logging.LogRecord) -> None:
        """Log the first stall, and the file that all stalls are written to."""
        if not self._has_logged:
            self._has_logged = True
            first = record.getMessage().partition("\n")[0]
            logging.getLogger("palimpsest").info("%s; this and all further stalls: %s", first, STALLS)


class LogFile(QObject):
    """Writes Python's logging to files and relays it to the log panel while the window is open."""

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
        """Remove and close the log handlers."""
        logging.getLogger(STALLED).propagate = True
        for logger, handler in self._handlers:
            logger.removeHandler(handler)
            handler.close()

    def _add(self, name: str, handler: logging.Handler) -> None:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        self._handlers.append((logger, handler))

    def _add_file(self, logger: str, file: str, max_bytes: int, backups: int) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(
                self.folder / file, maxBytes=max_bytes, backupCount=backups, delay=True, encoding="utf-8"
            )
        except OSError as error:
            # the window works without a log file; the log panel still shows the records
            logging.getLogger("palimpsest").warning("no log file: %s", error)
            return
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._add(logger, handler)


def log_qt_messages() -> None:
    """Write Qt's messages to the log instead of the terminal."""
    qInstallMessageHandler(_log_qt_message)


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("palimpsest.qt").log(LEVELS[kind], message)
