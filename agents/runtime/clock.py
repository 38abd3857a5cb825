"""A stopwatch that can be paused: seconds spent on a run."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter


class Clock:
    """Starts when it is created, at `spent` seconds."""

    def __init__(self, spent: float = 0.0) -> None:
        self._start = perf_counter() - spent

    def now(self) -> float:
        """Return the seconds since the start, without the pauses."""
        return perf_counter() - self._start

    @contextmanager
    def stopped(self) -> Generator[None]:
        """Exclude the time spent inside the block."""
        paused = perf_counter()
        try:
            yield
        finally:
            self._start += perf_counter() - paused
