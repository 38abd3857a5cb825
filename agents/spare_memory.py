"""Gives memory back to the system that glibc keeps for later.

Learning asks for some three hundred megabytes and lets go of them with every minibatch. What stays between the
pieces is never joined again by glibc alone: in an hour the process would hold gigabytes of which it uses little.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from time import monotonic

EVERY = 60.0
"""Seconds between two times; one takes about thirty milliseconds."""


class SpareMemory:
    """Gives back now and then while a run goes on."""

    def __init__(self) -> None:
        self._next = monotonic() + EVERY

    def tidy(self) -> None:
        """Give back what is spare, if it is time."""
        if monotonic() >= self._next:
            give_back()
            self._next = monotonic() + EVERY


def give_back() -> bool:
    """Return to the system what the C library keeps for later; say whether it can."""
    trim = _trimmer()
    if trim is None:
        return False
    trim(0)
    return True


def _trimmer() -> Callable[[int], object] | None:
    """Find glibc's `malloc_trim`; other libraries do it by themselves."""
    if not sys.platform.startswith("linux"):
        return None
    trim: Callable[[int], object] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim
