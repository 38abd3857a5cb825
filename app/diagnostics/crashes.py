"""Log uncaught exceptions, and write a trace when the process crashes."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import traceback
from collections import Counter
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

import psutil
from PySide6.QtCore import QObject, Signal

KEPT = 5
"""Traces of crashes that are kept; older ones go."""
TRACES = "crashed-*.txt"
log = logging.getLogger("palimpsest")


class Hooks(QObject):
    """Hears of errors that nobody caught: in slots, in threads, and where Python can't raise them.

    Each is logged with its traceback; one that comes again and again, at the 10th, the
    100th, the 1000th ... time.

    Signals:
        raised: str, the error in a few words. Emitted in the thread it happened in.
    """

    raised = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._times: Counter[str] = Counter()
        self._usual = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._hear
        threading.excepthook = self._hear_thread
        sys.unraisablehook = self._hear_unraisable

    def end(self) -> None:
        """Leave Python's hooks as they were found."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._usual

    def _hear(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, Exception):  # Ctrl+C and the like are no errors
            self._usual[0](kind, error, trace)
            return
        said = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
        place = traceback.extract_tb(trace)[-1:]
        self._times[f"{place}{kind}"] += 1
        times = self._times[f"{place}{kind}"]
        if str(times).strip("0") == "1":
            again = f", {times} times by now" if times > 1 else ""
            log.error("nobody caught%s: %s", again, said, exc_info=(kind, error, trace))
            self.raised.emit(said)

    def _hear_thread(self, told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            self._hear(told.exc_type, told.exc_value, told.exc_traceback)

    def _hear_unraisable(self, told: sys.UnraisableHookArgs) -> None:
        if told.exc_value is not None:
            self._hear(told.exc_type, told.exc_value, told.exc_traceback)


class CrashTrace:
    """A file that holds what every thread was doing, should the whole process crash.

    Each process writes one of its own; the next start keeps those that are not empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / f"crash-{os.getpid()}.txt"
        self._file: IO[str] | None = None

    def begin(self) -> Path | None:
        """Write to it from now on; return the trace of an earlier process that crashed, if there is a new one."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            found = self._collect()
            self._file = self._path.open("w", encoding="utf-8")
        except OSError as error:
            # the lab works without it
            log.warning("no trace would be left by a crash: %s", error)
            return None
        faulthandler.enable(self._file)
        return found

    def end(self) -> None:
        """All went well: leave nothing behind."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
            self._path.unlink(missing_ok=True)

    def _collect(self) -> Path | None:
        """Keep what processes left that live no more, if it says anything."""
        newest = None
        for left in sorted(self._folder.glob("crash-*.txt"), key=lambda path: path.stat().st_mtime):
            number = left.stem.partition("-")[2]
            if number.isdecimal() and int(number) != os.getpid() and psutil.pid_exists(int(number)):
                continue
            if left.stat().st_size:
                at = datetime.fromtimestamp(left.stat().st_mtime).strftime("%Y%m%d-%H%M%S")
                newest = left.replace(self._folder / f"crashed-{at}.txt")
            else:
                left.unlink()
        for old in sorted(self._folder.glob(TRACES))[:-KEPT]:
            old.unlink()
        return newest
