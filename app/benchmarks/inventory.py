"""Count what can leak: threads, timers, widgets, other Qt objects, and memory."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections import Counter
from dataclasses import dataclass

import psutil
from PySide6.QtCore import QEvent, QObject, QThread, QTimer
from PySide6.QtGui import QTextObject
from PySide6.QtWidgets import QApplication

from app.window.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Inventory:
    """Counts of living objects."""

    threads: int
    """Threads of Python and of Qt."""
    timers: int
    """Timers of the window and its session, active or not."""
    widgets: int
    kinds: Counter[str]
    """Qt objects below the window and its session, by class."""

    def increase_from(self, before: Inventory) -> dict[str, int]:
        """Return the differences from `before`, by name."""
        return {
            "threads": self.threads - before.threads,
            "timers": self.timers - before.timers,
            "widgets": self.widgets - before.widgets,
            "objects": self.kinds.total() - before.kinds.total(),
        }


def take_inventory(window: MainWindow) -> Inventory:
    """Count, after deferred deletions and garbage collection."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.unfreeze()
    gc.collect()
    roots: tuple[QObject, ...] = (window, window.session)
    running = [thread for root in roots for thread in root.findChildren(QThread) if thread.isRunning()]
    python = [thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)]
    return Inventory(
        threads=len(python) + len(running),
        timers=sum(len(root.findChildren(QTimer)) for root in roots),
        widgets=len(QApplication.allWidgets()),
        kinds=Counter(
            type(child).__name__
            for root in roots
            for child in root.findChildren(QObject)
            if not isinstance(child, QTextObject)  # created and deleted as texts change
        ),
    )


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Memory of this process."""

    resident: int
    """Bytes of resident memory."""
    in_use: int
    """Bytes allocated by the C library's malloc; 0 if unknown."""
    blocks: int
    """Number of memory blocks of Python's allocator."""


class _Mallinfo(ctypes.Structure):
    """`struct mallinfo2` of glibc's malloc.h."""

    _fields_ = (
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")),
        *((name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")),
    )


def measure_memory() -> MemoryUse:
    """Return the current memory use."""
    return MemoryUse(psutil.Process().memory_info().rss, _in_use(), sys.getallocatedblocks())


def _in_use() -> int:
    if not sys.platform.startswith("linux"):
        return 0
    mallinfo2 = getattr(ctypes.CDLL(None), "mallinfo2", None)  # glibc 2.33 and later
    if mallinfo2 is None:
        return 0
    mallinfo2.restype = _Mallinfo
    info = mallinfo2()
    return int(info.uordblks + info.hblkhd)  # in the heap, and in blocks of their own
