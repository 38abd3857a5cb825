"""Which call of somebody's world each thread is in: a world that hangs can't tell it itself.

Free of Gymnasium, for whoever only asks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True)
class Visit:
    """A call of somebody's world that has not come back yet."""

    world: str
    """Its Gymnasium id."""
    call: str
    """Such as `step`."""
    since: float
    """By `time.monotonic`."""

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return monotonic() - self.since


_VISITS: dict[int, Visit] = {}
"""By the id of a thread. Each thread writes only its own."""


def visit(thread: int | None) -> Visit | None:
    """Return the call that a thread is in; None if it is in none. Safe from any thread."""
    return None if thread is None else _VISITS.get(thread)


@contextmanager
def within(world: str, call: str) -> Iterator[None]:
    """Mark that this thread is in a call."""
    thread = threading.get_ident()
    _VISITS[thread] = Visit(world, call, monotonic())
    try:
        yield
    finally:
        _VISITS.pop(thread, None)


def begin(world: str, call: str) -> int:
    """Mark that this thread is in a call, and return its id for `end`: as `within`, at a fifth of its cost."""
    thread = threading.get_ident()
    _VISITS[thread] = Visit(world, call, monotonic())
    return thread


def end(thread: int) -> None:
    """Mark that the call has come back."""
    _VISITS.pop(thread, None)
