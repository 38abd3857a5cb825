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
"""Seconds to wait for whoever is writing at this moment."""


class Abandoned(RuntimeError):
    """The run was taken from this thread: what it still does counts for nothing."""


class RunWriter:
    """Whatever is written of a run is written between its `__enter__` and `__exit__`, which refuse once it is taken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = threading.RLock()
        self._is_taken = False
        self._unlock: Callable[[], None] | None = None
        self.log: LogWriter | None = None
        """What the run tells is written here; None while nobody records it."""

    def __enter__(self) -> None:
        self._writing.acquire()
        if self._is_taken:
            self._writing.release()
            raise Abandoned(f"run {self._folder.name} was left to another thread; nothing more is written by this one")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._writing.release()

    @contextmanager
    def recording(self) -> Iterator[LogWriter]:
        """Hold the lock of the run, and its log open. Raises `BadInput` if that can't be, or can't be ended well."""
        with locked(self._folder / "lock") as unlock:
            log = _opened(self._folder / "events.sqlite")
            try:
                with self:
                    self.log, self._unlock = log, unlock
                yield log
            finally:
                self._put_down(log)

    def take(self) -> None:
        """Take it for good from the thread that holds it, with the lock; what was told until now is written.

        Called by another thread. Raises `BadInput` if that one is writing and does not come to an end.
        """
        if not self._writing.acquire(timeout=PATIENCE):
            remedy = "wait for it, or close the lab and resume the run"
            raise BadInput(f"run {self._folder.name}: the thread that lives it hangs while it writes; {remedy}")
        try:
            self._is_taken = True
            if self.log is not None:
                # on a full disk what was told is lived again: the successor begins at a checkpoint before it
                with suppress(OSError):
                    self.log.close()
            if self._unlock is not None:
                self._unlock()
        finally:
            self._writing.release()

    def _put_down(self, log: LogWriter) -> None:
        with self._writing:
            self.log = self._unlock = None
            _close(log, self._folder / "events.sqlite")  # nothing waits any more if it was taken


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
