"""The log: a file for bug reports, and lines for the log panel."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs
from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

LARGEST = 2_000_000
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


class LogFile(QObject):
    """Listens to Python's logging while the window is open."""

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder or Path(platformdirs.user_log_dir("palimpsest"))
        self.relay = Relay(self)
        self._handlers: list[logging.Handler] = [RelayHandler(self.relay)]
        self._add_file()
        self._root = logging.getLogger()
        logging.getLogger("palimpsest").setLevel(logging.DEBUG)
        for handler in self._handlers:
            self._root.addHandler(handler)

    def close(self) -> None:
        """Stop listening."""
        for handler in self._handlers:
            self._root.removeHandler(handler)
            handler.close()

    def _add_file(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(
                self.folder / "palimpsest.log", maxBytes=LARGEST, backupCount=3, delay=True, encoding="utf-8"
            )
        except OSError as error:
            # the lab works without a log file; the panel still shows the lines
            logging.getLogger("palimpsest").warning("no log file: %s", error)
            return
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._handlers.append(handler)


def hear_qt() -> None:
    """Let Qt speak to the log instead of the terminal."""
    qInstallMessageHandler(_pass_on)


def _pass_on(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("palimpsest.qt").log(LEVELS[kind], message)
