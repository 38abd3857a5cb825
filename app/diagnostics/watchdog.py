"""Detect stalls of the window's thread, and record the stacks that caused them.

The window's thread beats ten times a second. A second thread, the watchdog thread, sleeps until a
beat is overdue and then records the stack of every thread. It holds Python's global interpreter lock
(GIL) for that: without it, `faulthandler` crashes the process if threads keep running meanwhile. So
while another thread holds the GIL, the watchdog thread has to wait, too, and reports for how long.
"""

from __future__ import annotations

import faulthandler
import linecache
import logging
import os
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_INTERVAL = 0.1
"""Seconds between two beats."""
STALL_THRESHOLD = 0.128
"""Seconds after which a user notices that the window does not respond."""
OVERDUE = STALL_THRESHOLD + BEAT_INTERVAL / 2
"""Seconds after a beat from which on the next is overdue: on average a stall starts halfway between two beats."""
SUSPENDED = 5.0
"""Seconds of delay of the watchdog thread from which on the whole machine must have been suspended."""
MIN_LOG_INTERVAL = 2.0
"""Seconds after a log entry in which further stalls are only counted."""
NATIVE_CALLS = ("QFileDialog.", "QDrag")
"""Qt calls that may block the window's thread while the user is busy with a native dialog or a drag."""
OUR_PACKAGES = ("app", "widgets", "agents", "envs")
_ROOT = Path(__file__).parents[2]
_THREAD = re.compile(r"(?:Current thread|Thread) 0x([0-9a-f]+)")
_CALL = re.compile(r'  File "(.*)", line (\d+) in (.*)')

log = logging.getLogger("palimpsest.stalls")


@dataclass(frozen=True, slots=True)
class WindowStall:
    """A time in which the window did not respond."""

    milliseconds: int
    """Duration, accurate to half the interval between two beats."""
    stacks: str = ""
    """The stack of each thread during the stall."""


@dataclass(frozen=True, slots=True)
class Call:
    """One frame of a thread's stack."""

    file: str
    line: int
    function: str

    @property
    def path(self) -> str:
        """The file relative to the project's root; empty for other packages."""
        file = Path(self.file)
        if not file.is_relative_to(_ROOT):
            return ""
        path = file.relative_to(_ROOT)
        return path.as_posix() if path.parts[0] in OUR_PACKAGES else ""

    @property
    def code(self) -> str:
        """The source line; empty if its file can't be read."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        shown = self.path or "/".join(Path(self.file).parts[-2:])
        return f"  {shown}:{self.line} {self.function}: {self.code}"


class WatchdogThread(threading.Thread):
    """Records the stacks of all threads whenever the window's beat is overdue."""

    def __init__(self) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._window = threading.get_ident()
        self._stopped = threading.Event()
        self._last_beat = monotonic()
        self._stacks, self._is_excused = "", False

    def beat(self) -> WindowStall | None:
        """Record a beat of the window's thread; return the stall that preceded it, if it is overdue."""
        now, last_beat, stacks, is_excused = monotonic(), self._last_beat, self._stacks, self._is_excused
        self._last_beat, self._stacks, self._is_excused = now, "", False
        elapsed = now - last_beat
        if elapsed < OVERDUE or is_excused:
            return None
        # without stacks, this thread got the GIL before the watchdog thread did; the thread that had held the GIL
        # is still at the call in which it released it
        stacks = stacks or "\n".join(_format_stacks(self._other_threads(all_stacks())))
        return WindowStall(round((elapsed - BEAT_INTERVAL / 2) * 1000), stacks)

    def end(self) -> None:
        """Stop the thread and wait for its end."""
        self._stopped.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Sleep until a beat may be overdue; record the stacks once per stall."""
        inspected_beat = 0.0
        while True:
            due = (self._last_beat if self._last_beat != inspected_beat else monotonic()) + OVERDUE
            if self._stopped.wait(max(due - monotonic(), 0.0)):
                return
            if monotonic() - self._last_beat >= OVERDUE and self._last_beat != inspected_beat:
                inspected_beat = self._last_beat
                self._inspect(monotonic() - due)

    def _inspect(self, delay: float) -> None:
        stacks = all_stacks()
        window = stacks.get(self._window, [])
        is_waiting = bool(window) and any(word in window[-1].code for word in NATIVE_CALLS)
        self._is_excused = is_waiting or delay > SUSPENDED
        gil_wait = [f"another thread held the GIL for {delay * 1000:.0f} ms"] if delay > STALL_THRESHOLD else []
        self._stacks = "\n".join([*gil_wait, *_format_stacks([("window", window), *self._other_threads(stacks)])])

    def _other_threads(self, stacks: Mapping[int, list[Call]]) -> list[tuple[str, list[Call]]]:
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        own_threads = (self._window, self.ident)
        return [(names.get(ident, "thread"), calls) for ident, calls in stacks.items() if ident not in own_threads]


class Watchdog(QObject):
    """Logs each stall of the window's thread with the code that caused it; `PALIMPSEST_WATCHDOG=0` disables it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: WatchdogThread | None = None
        self._last_logged, self._unlogged = 0.0, 0
        self._timer = QTimer(self, interval=round(BEAT_INTERVAL * 1000), timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def begin(self) -> None:
        """Start to detect stalls."""
        if self._thread is None and os.environ.get("PALIMPSEST_WATCHDOG") != "0":
            self._thread = WatchdogThread()
            self._thread.start()
            self._timer.start()

    def end(self) -> None:
        """Stop to detect stalls."""
        self._timer.stop()
        if self._thread is not None:
            self._thread.end()
            self._thread = None

    def _beat(self) -> None:
        stall = self._thread.beat() if self._thread else None
        if stall is not None:
            self._log_stall(stall)

    def _log_stall(self, stall: WindowStall) -> None:
        now = monotonic()
        if now - self._last_logged < MIN_LOG_INTERVAL:
            self._unlogged += 1
            return
        count_text = f" ({self._unlogged} more shortly before)" if self._unlogged else ""
        self._last_logged, self._unlogged = now, 0
        log.info("The window did not respond for %d ms%s\n%s", stall.milliseconds, count_text, stall.stacks)


def all_stacks() -> dict[int, list[Call]]:
    """Return the stack of each thread by its identifier, outermost call first.

    `faulthandler` writes the stacks while this thread holds the GIL, so that they do not change meanwhile, and
    without references to the frames. A reference to a frame keeps its variables alive, such as the
    painter of a `paintEvent` that has returned; Qt crashes on that.
    """
    stacks: dict[int, list[Call]] = {}
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        lines = file.read().decode(errors="replace").splitlines()
    calls: list[Call] = []
    for line in lines:
        if match := _THREAD.match(line):
            calls = stacks[int(match[1], 16)] = []
        elif match := _CALL.match(line):
            calls.insert(0, Call(match[1], int(match[2]), match[3]))
    return stacks


def _format_stacks(stacks: Iterable[tuple[str, list[Call]]]) -> Iterator[str]:
    """Yield the stack of each thread that executes our code: its calls in our packages, and the innermost one."""
    for name, calls in stacks:
        if any(call.path for call in calls):
            yield "\n".join([f"{name}:", *(str(call) for call in calls[:-1] if call.path), str(calls[-1])])
