"""A lock file, so that no two processes write the same run.

The lock is an exclusive transaction on an empty SQLite file: that works on every system,
and the system lets go of it when a process is killed. `filelock` (4.3) does less: to see
whether its `FileLock` is free is to take it, so two who look at once each see a run being
written; and its `ReadWriteLock` can only be let go by the thread that took it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from agents.errors import BadInput

_PATIENCE = 1.0
"""Seconds to wait for the lock: others hold it for a moment when they only look."""


@contextmanager
def locked(path: Path) -> Iterator[Callable[[], None]]:
    """Hold the lock at `path`; what is yielded lets go of it early, from any thread.

    Raises `BadInput` if somebody else holds it, or if it can't be written.
    """
    with ExitStack() as stack:
        try:
            # whoever closes the generator that holds the lock may live in another thread
            lock = sqlite3.connect(path, _PATIENCE, isolation_level=None, check_same_thread=False)
            stack.enter_context(closing(lock)).execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise BadInput(f"run {path.parent.name} is being written already; stop that first") from error
            raise BadInput(f"{path.parent}: cannot be written ({error}); make it writable") from error
        yield lock.close


def is_locked(path: Path) -> bool:
    """Return whether somebody holds the lock, in this process or another; looking does not hold it."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0)) as lock:
            lock.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode == sqlite3.SQLITE_BUSY
    return False
