"""Disable cyclic garbage collection in a block."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Do without Python's search for garbage, which stops every thread.

    The state of a run, and its story, are a hundred thousand small things that hold no cycles:
    searching them again and again while they come finds nothing and takes a tenth of a second each time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
