"""Count what can leak: threads, timers, widgets, other Qt objects, and memory by owner."""

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
    """What there is at one moment."""

    threads: int
    """Python's and Qt's, those of the interpreter's own kind only once."""
    timers: int
    """That tick, or could."""
    widgets: int
    kinds: Counter[str]
    """Everything of Qt that belongs to the window or its session, by class."""

    def less(self, other: Inventory) -> dict[str, int]:
        """Return what there is more of than in `other`, by name."""
        return {
            "threads": self.threads - other.threads,
            "timers": self.timers - other.timers,
            "widgets": self.widgets - other.widgets,
            "objects": self.kinds.total() - other.kinds.total(),
        }


def take_inventory(window: MainWindow) -> Inventory:
    """Count, after clearing up whatever can be cleared up."""
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
            if not isinstance(child, QTextObject)  # frames of a text come and go with what is written
        ),
    )


@dataclass(frozen=True, slots=True)
class Holding:
    """How much memory this process holds, in bytes, and which part of it is in use."""

    resident: int
    in_use: int
    """What was asked of the C library and not given back; 0 where it does not tell."""
    blocks: int
    """Python's own small pieces, a number."""


class _Mallinfo(ctypes.Structure):
    """As in glibc's malloc.h; the names are there, too."""

    _fields_ = (
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")),
        *((name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")),
    )


def weigh() -> Holding:
    """Read how much memory is held now."""
    return Holding(psutil.Process().memory_info().rss, _in_use(), sys.getallocatedblocks())


def _in_use() -> int:
    if not sys.platform.startswith("linux"):
        return 0
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)  # glibc 2.33 and later
    if ask is None:
        return 0
    ask.restype = _Mallinfo
    told = ask()
    return int(told.uordblks + told.hblkhd)
