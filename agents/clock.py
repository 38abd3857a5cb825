"""Time spent on a run; waiting does not count."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter


class Clock:
    """Starts when it is made."""

    def __init__(self) -> None:
        self._start = perf_counter()

    def now(self) -> float:
        """Return the seconds since the start, without the pauses."""
        return perf_counter() - self._start

    @contextmanager
    def stopped(self) -> Generator[None]:
        """Leave out the time spent inside."""
        paused = perf_counter()
        try:
            yield
        finally:
            self._start += perf_counter() - paused
