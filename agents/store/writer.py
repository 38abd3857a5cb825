"""Exclusive write access to a run, which can be revoked from a hung thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from agents.errors import BadInput
from agents.store.event_log import LogWriter
from agents.store.lock import locked

PATIENCE = 1.0
"""Seconds to wait for a write that is in progress."""


class Abandoned(RuntimeError):
    """The write access of this thread was revoked; its results are discarded."""


class RunWriter:
    """Serialises all writes of a run as a context manager, which raises `Abandoned` once revoked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = threading.RLock()
        self._is_revoked = False
        self._unlock: Callable[[], None] | None = None
        self.log: LogWriter | None = None
        """The event log; None while the run is not recorded."""

    def __enter__(self) -> None:
        self._writing.acquire()
        if self._is_revoked:
            self._writing.release()
            raise Abandoned(f"run {self._folder.name} was handed to another thread; this one can no longer write it")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._writing.release()

    @contextmanager
    def recording(self) -> Iterator[LogWriter]:
        """Lock the run and open its event log. Raises `BadInput` if that fails or the last events can't be written."""
        with locked(self._folder / "lock") as unlock:
            log = _opened(self._folder / "events.sqlite")
            try:
                with self:
                    self.log, self._unlock = log, unlock
                yield log
            finally:
                self._release(log)

    def revoke(self) -> None:
        """Revoke write access from the thread that holds it; write its events and release the lock.

        Called by another thread. Raises `BadInput` if a write of the hung thread does not end in time.
        """
        if not self._writing.acquire(timeout=PATIENCE):
            remedy = "wait for it, or close the lab and resume the run"
            raise BadInput(f"run {self._folder.name}: its training thread hangs during a write; {remedy}")
        try:
            self._is_revoked = True
            if self.log is not None:
                # events that a full disk refuses are lost, but the successor resumes from a checkpoint before them
                with suppress(OSError):
                    self.log.close()
            if self._unlock is not None:
                self._unlock()
        finally:
            self._writing.release()

    def _release(self, log: LogWriter) -> None:
        with self._writing:
            self.log = self._unlock = None
            _close(log, self._folder / "events.sqlite")  # closed already if revoked


def _opened(path: Path) -> LogWriter:
    try:
        return LogWriter(path)
    except sqlite3.OperationalError as error:
        raise BadInput(f"{path}: cannot be written ({error}); is the folder writable and the disk not full?") from error


def _close(log: LogWriter, path: Path) -> None:
    waiting = log.waiting
    try:
        log.close()
    except OSError as error:
        reason = f"the last {waiting} events could not be written ({error})"
        raise BadInput(f"{path}: {reason}; make room on the disk, then resume the run") from error
