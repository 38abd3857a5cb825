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

MAX_TRACES = 5
"""Crash traces that are kept; older ones are deleted."""
TRACE_PATTERN = "crashed-*.txt"
log = logging.getLogger("palimpsest")


class ExceptionHooks(QObject):
    """Logs uncaught exceptions: in slots, in threads, and where Python can't raise them, as in `__del__`.

    Each is logged with its traceback; one that repeats is logged again at the 10th, the 100th,
    the 1000th ... time.

    Signals:
        raised: str, the exception in one line. Emitted in the thread of the exception.
    """

    raised = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._counts: Counter[str] = Counter()
        self._original = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._log
        threading.excepthook = self._log_thread
        sys.unraisablehook = self._log_unraisable

    def end(self) -> None:
        """Restore Python's own hooks."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._original

    def _log(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, Exception):  # KeyboardInterrupt and SystemExit are no errors
            self._original[0](kind, error, trace)
            return
        summary = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
        location = traceback.extract_tb(trace)[-1:]
        self._counts[f"{location}{kind}"] += 1
        count = self._counts[f"{location}{kind}"]
        if str(count).strip("0") == "1":  # a power of ten, so that a loop of errors does not flood the log
            repeats = f", {count} times so far" if count > 1 else ""
            log.error("uncaught exception%s: %s", repeats, summary, exc_info=(kind, error, trace))
            self.raised.emit(summary)

    def _log_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._log(args.exc_type, args.exc_value, args.exc_traceback)

    def _log_unraisable(self, args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            self._log(args.exc_type, args.exc_value, args.exc_traceback)


class CrashTrace:
    """A file to which the stack of every thread is written if the process crashes.

    Each process has a file of its own; the next start renames those that are not empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / f"crash-{os.getpid()}.txt"
        self._file: IO[str] | None = None

    def begin(self) -> Path | None:
        """Enable the trace; return the newest trace that an earlier process left, None if there is none."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            found = self._collect_traces()
            self._file = self._path.open("w", encoding="utf-8")
        except OSError as error:
            # the window works without it
            log.warning("a crash would leave no trace: %s", error)
            return None
        faulthandler.enable(self._file)
        return found

    def end(self) -> None:
        """Disable the trace and delete its file, at a regular exit."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
            self._path.unlink(missing_ok=True)

    def _collect_traces(self) -> Path | None:
        """Rename the traces of processes that have ended, delete empty and old ones, and return the newest."""
        newest = None
        for trace in sorted(self._folder.glob("crash-*.txt"), key=lambda path: path.stat().st_mtime):
            pid = trace.stem.partition("-")[2]
            if pid.isdecimal() and int(pid) != os.getpid() and psutil.pid_exists(int(pid)):
                continue
            if trace.stat().st_size:
                at = datetime.fromtimestamp(trace.stat().st_mtime).strftime("%Y%m%d-%H%M%S")
                newest = trace.replace(self._folder / f"crashed-{at}.txt")
            else:
                trace.unlink()
        for old in sorted(self._folder.glob(TRACE_PATTERN))[:-MAX_TRACES]:
            old.unlink()
        return newest
