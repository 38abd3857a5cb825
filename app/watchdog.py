"""Notices when the window stands still, and which code kept it.

The window's thread beats ten times a second. A second thread, the sentry, sleeps until a beat is
overdue and then looks at what every thread is doing. It looks with Python's lock in hand:
`faulthandler` can look without, but crashes the process when threads run on meanwhile. So while
something else holds the lock the sentry has to wait, too, and says for how long.
"""

from __future__ import annotations

import linecache
import logging
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import FrameType

from PySide6.QtCore import QObject, Qt, QTimer

BEAT = 0.1
"""Seconds between two beats."""
LONGEST = 0.128
"""Seconds from which on a person notices that the window stands still."""
DUE = LONGEST + BEAT / 2
"""Seconds after a beat from which on the next is overdue: on average a stall begins halfway between two."""
ASLEEP = 5.0
"""Seconds that the sentry must have overslept for the whole machine to have slept."""
QUIET = 2.0
"""Seconds after an entry in which further stalls are only counted."""
NATIVE = ("QFileDialog.", "QDrag")
"""Calls in which the window's thread may wait for a person, inside the desktop's own code."""
OURS = ("app", "widgets", "agents", "envs")
_ROOT = Path(__file__).parents[1]

log = logging.getLogger("palimpsest.stalls")


@dataclass(frozen=True, slots=True)
class Stall:
    """The window stood still."""

    milliseconds: int
    """Within half a beat."""
    stacks: str = ""
    """What each thread was doing meanwhile; empty if it was over before anyone could look."""


class Sentry(threading.Thread):
    """Looks at what every thread does whenever the window's beat is overdue."""

    def __init__(self) -> None:
        super().__init__(name="sentry", daemon=True)
        self._window = threading.get_ident()
        self._over = threading.Event()
        self._beaten = monotonic()
        self._seen = ""

    def beat(self) -> Stall | None:
        """Note that the window's thread is well; return what kept it, if it comes late."""
        now, before, seen = monotonic(), self._beaten, self._seen
        self._beaten, self._seen = now, ""
        late = now - before
        return Stall(round((late - BEAT / 2) * 1000), seen) if late >= DUE else None

    def end(self) -> None:
        """Go home, and wait for that."""
        self._over.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Sleep until a beat may be overdue; look once a stall."""
        looked = 0.0
        while True:
            due = (self._beaten if self._beaten != looked else monotonic()) + DUE
            if self._over.wait(max(due - monotonic(), 0.0)):
                return
            overslept = monotonic() - due
            if overslept > ASLEEP or self._is_native():
                self._beaten = monotonic()
            elif monotonic() - self._beaten >= DUE and self._beaten != looked:
                looked = self._beaten
                self._seen = self._look(overslept)

    def _look(self, overslept: float) -> str:
        names = {thread.ident: thread.name for thread in threading.enumerate()} | {self._window: "window"}
        frames = sys._current_frames()
        others = [ident for ident in frames if ident not in (self._window, self.ident)]
        stacks = [stack(names.get(ident, "thread"), frames.get(ident)) for ident in (self._window, *others)]
        if overslept > LONGEST:
            stacks.insert(0, f"Python's lock was not to be had for {overslept * 1000:.0f} ms")
        return "\n".join(filter(None, stacks))

    def _is_native(self) -> bool:
        """Return whether the window's thread waits for a person, inside a dialog of the desktop."""
        frame = sys._current_frames().get(self._window)
        return frame is not None and any(word in _code(frame) for word in NATIVE)


class Watchdog(QObject):
    """Logs each stall of the window's thread with the code that caused it; `PALIMPSEST_WATCHDOG=0` leaves it out."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sentry: Sentry | None = None
        self._told, self._untold = 0.0, 0
        self._timer = QTimer(self, interval=round(BEAT * 1000), timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def begin(self) -> None:
        """Keep watch from now on."""
        if self._sentry is None and os.environ.get("PALIMPSEST_WATCHDOG") != "0":
            self._sentry = Sentry()
            self._sentry.start()
            self._timer.start()

    def end(self) -> None:
        """Watch no longer."""
        self._timer.stop()
        if self._sentry is not None:
            self._sentry.end()
            self._sentry = None

    def _beat(self) -> None:
        stall = self._sentry.beat() if self._sentry else None
        if stall is not None:
            self._tell(stall)

    def _tell(self, stall: Stall) -> None:
        now = monotonic()
        if now - self._told < QUIET:
            self._untold += 1
            return
        more = f" ({self._untold} more shortly before)" if self._untold else ""
        self._told, self._untold = now, 0
        log.info("The window stood still for %d ms%s\n%s", stall.milliseconds, more, stall.stacks)


def stack(name: str, frame: FrameType | None) -> str:
    """Return what a thread is doing, outermost first: our own code and the innermost call; empty if none is ours."""
    lines: list[str] = []
    innermost, concerns_us = frame, False
    while frame is not None:
        place = _place(frame.f_code.co_filename)
        concerns_us = concerns_us or bool(place)
        if place or frame is innermost:
            lines.insert(0, _line(frame, place))
        frame = frame.f_back
    return "\n".join([f"{name}:", *lines]) if concerns_us else ""


def _line(frame: FrameType, place: str) -> str:
    shown = place or "/".join(Path(frame.f_code.co_filename).parts[-2:])
    return f"  {shown}:{frame.f_lineno} {frame.f_code.co_qualname}: {_code(frame)}"


def _code(frame: FrameType) -> str:
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()


def _place(file: str) -> str:
    """Return where in the lab this file lies; empty for others' code."""
    path = Path(file)
    if not path.is_relative_to(_ROOT):
        return ""
    place = path.relative_to(_ROOT)
    return place.as_posix() if place.parts[0] in OURS else ""
