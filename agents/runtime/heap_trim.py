"""Return freed heap memory to the system by glibc's malloc_trim.

Learning asks for some three hundred megabytes and lets go of them with every minibatch. What stays between the
pieces is never joined again by glibc alone: in an hour the process would hold gigabytes of which it uses little.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from time import monotonic

_ARENA_MAX = -8
"""Of mallopt, in glibc's malloc.h."""
EVERY = 60.0
"""Seconds between two times; one takes about thirty milliseconds."""


class HeapTrimmer:
    """Gives back now and then while a run goes on."""

    def __init__(self) -> None:
        self._next = monotonic() + EVERY

    def tidy(self) -> None:
        """Give back what is spare, if it is time."""
        if monotonic() >= self._next:
            give_back()
            self._next = monotonic() + EVERY


def share_one_heap() -> bool:
    """Let all threads take memory from one heap, before any begins; say whether that could be arranged.

    With a heap a thread, each keeps for later what another could use: some two hundred megabytes
    of a lab at work, for nothing, since Python's threads take turns anyway.
    """
    options = _glibc("mallopt")
    return options is not None and bool(options(_ARENA_MAX, 1))


def give_back() -> bool:
    """Return to the system what the C library keeps for later; say whether it can."""
    trim = _glibc("malloc_trim")
    if trim is None:
        return False
    trim(0)
    return True


def _glibc(name: str) -> Callable[..., int] | None:
    """Find what glibc alone has; other libraries give memory back by themselves."""
    if not sys.platform.startswith("linux"):
        return None
    found: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return found
