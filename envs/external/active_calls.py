"""The call of an external environment that each thread is in, so that another thread can report one that hangs.

Does not import Gymnasium, so that a watchdog stays cheap.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True)
class ActiveCall:
    """A call of an external environment that has not returned yet."""

    world: str
    """Its Gymnasium id."""
    call: str
    """Name of the called method, such as `step`."""
    since: float
    """When it began, by `time.monotonic`."""

    @property
    def seconds(self) -> float:
        """Time since it began."""
        return monotonic() - self.since


ACTIVE: dict[int, tuple[str, str, float]] = {}
"""Fields of an `ActiveCall` by thread id. Each thread writes only its own entry, so that no lock is needed."""


def active_call(thread: int | None) -> ActiveCall | None:
    """Return the call that a thread is in, or None. Safe from any thread."""
    fields = None if thread is None else ACTIVE.get(thread)
    return None if fields is None else ActiveCall(*fields)


@contextmanager
def mark_call(world: str, call: str) -> Iterator[None]:
    """Register a call for the current thread while the context is open."""
    thread = threading.get_ident()
    ACTIVE[thread] = (world, call, monotonic())
    try:
        yield
    finally:
        ACTIVE.pop(thread, None)
