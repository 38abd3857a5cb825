"""Return freed heap memory to the system by glibc's malloc_trim.

Learning allocates and frees some three hundred megabytes with every minibatch. glibc keeps the fragments between
live blocks: in an hour the process would hold gigabytes of which it uses little.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from time import monotonic

_ARENA_MAX = -8
"""The M_ARENA_MAX parameter of mallopt, from glibc's malloc.h."""
EVERY = 60.0
"""Seconds between two trims; one takes about 30 milliseconds."""


class HeapTrimmer:
    """Trims the heap at regular intervals during a run."""

    def __init__(self) -> None:
        self._next = monotonic() + EVERY

    def tidy(self) -> None:
        """Return free memory to the system if `EVERY` seconds have passed since the last time."""
        if monotonic() >= self._next:
            trim_heap()
            self._next = monotonic() + EVERY


def share_one_heap() -> bool:
    """Make all threads allocate from one arena; return whether glibc allows it. Call it before any thread starts.

    With an arena per thread, free memory of one is unusable for the others: some two hundred
    megabytes during a run, without a gain in speed, since Python's threads take turns anyway.
    """
    mallopt = _glibc("mallopt")
    return mallopt is not None and bool(mallopt(_ARENA_MAX, 1))


def trim_heap() -> bool:
    """Return free heap memory to the system; return False if the C library is not glibc."""
    trim = _glibc("malloc_trim")
    if trim is None:
        return False
    trim(0)
    return True


def _glibc(name: str) -> Callable[..., int] | None:
    """Return a function that only glibc has; None elsewhere, where the allocator trims by itself."""
    if not sys.platform.startswith("linux"):
        return None
    function: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return function
