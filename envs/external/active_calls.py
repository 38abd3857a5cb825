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
class ActiveCall:
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


INSIDE: dict[int, tuple[str, str, float]] = {}
"""By the id of a thread, the fields of its visit. Each thread writes only its own."""


def active_call(thread: int | None) -> ActiveCall | None:
    """Return the call that a thread is in; None if it is in none. Safe from any thread."""
    found = None if thread is None else INSIDE.get(thread)
    return None if found is None else ActiveCall(*found)


@contextmanager
def within(world: str, call: str) -> Iterator[None]:
    """Mark that this thread is in a call."""
    thread = threading.get_ident()
    INSIDE[thread] = (world, call, monotonic())
    try:
        yield
    finally:
        INSIDE.pop(thread, None)
