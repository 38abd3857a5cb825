"""A lock file, so that no two processes write the same run.

The lock is an exclusive transaction on an empty SQLite file: that works on every system,
and the system releases it when a process is killed. `filelock` (4.3) is insufficient: its
`FileLock` can only be tested by acquiring it, so two concurrent tests each report a locked
run; and its `ReadWriteLock` can only be released by the thread that acquired it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from agents.errors import BadInput

_PATIENCE = 1.0
"""Seconds to wait for the lock, since `is_locked` holds it briefly."""


@contextmanager
def locked(path: Path) -> Iterator[Callable[[], None]]:
    """Hold the lock at `path`; yield a function that releases it early, from any thread.

    Raises `BadInput` if another process or thread holds it, or if it can't be written.
    """
    with ExitStack() as stack:
        try:
            # the generator that holds the lock may be closed by another thread
            lock = sqlite3.connect(path, _PATIENCE, isolation_level=None, check_same_thread=False)
            stack.enter_context(closing(lock)).execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise BadInput(f"run {path.parent.name} is already being written; stop that first") from error
            raise BadInput(f"{path.parent}: cannot be written ({error}); make it writable") from error
        yield lock.close


def is_locked(path: Path) -> bool:
    """Return whether any thread of any process holds the lock, without acquiring it."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0)) as lock:
            lock.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode == sqlite3.SQLITE_BUSY
    return False
