"""Detect stalls of the window's thread, and record the stacks that caused them.

The window's thread beats ten times a second. A second thread, the sentry, sleeps until a beat is
overdue and then looks at what every thread is doing. It looks with Python's lock in hand:
without, `faulthandler` crashes the process when threads run on meanwhile. So while
something else holds the lock the sentry has to wait, too, and says for how long.
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
_ROOT = Path(__file__).parents[2]
_THREAD = re.compile(r"(?:Current thread|Thread) 0x([0-9a-f]+)")
_CALL = re.compile(r'  File "(.*)", line (\d+) in (.*)')

log = logging.getLogger("palimpsest.stalls")


@dataclass(frozen=True, slots=True)
class WindowStall:
    """The window stood still."""

    milliseconds: int
    """Within half a beat."""
    stacks: str = ""
    """What each thread was doing meanwhile; empty if it was over before anyone could look."""


@dataclass(frozen=True, slots=True)
class Call:
    """Where a thread is, in one of the functions that it has entered."""

    file: str
    line: int
    function: str

    @property
    def place(self) -> str:
        """Where in the lab this is; empty for others' code."""
        path = Path(self.file)
        if not path.is_relative_to(_ROOT):
            return ""
        place = path.relative_to(_ROOT)
        return place.as_posix() if place.parts[0] in OURS else ""

    @property
    def code(self) -> str:
        """The line itself, if its file can be read."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        shown = self.place or "/".join(Path(self.file).parts[-2:])
        return f"  {shown}:{self.line} {self.function}: {self.code}"


class Sentry(threading.Thread):
    """Looks at what every thread does whenever the window's beat is overdue."""

    def __init__(self) -> None:
        super().__init__(name="sentry", daemon=True)
        self._window = threading.get_ident()
        self._over = threading.Event()
        self._beaten = monotonic()
        self._seen, self._excused = "", False

    def beat(self) -> WindowStall | None:
        """Note that the window's thread is well; return what kept it, if it comes late."""
        now, before, seen, excused = monotonic(), self._beaten, self._seen, self._excused
        self._beaten, self._seen, self._excused = now, "", False
        late = now - before
        if late < DUE or excused:
            return None
        # the lock came here before it came to the sentry: whoever held it still stands where it let go
        return WindowStall(round((late - BEAT / 2) * 1000), seen or "\n".join(_who(self._others(all_stacks()))))

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
            if monotonic() - self._beaten >= DUE and self._beaten != looked:
                looked = self._beaten
                self._look(monotonic() - due)

    def _look(self, overslept: float) -> None:
        stacks = all_stacks()
        window = stacks.get(self._window, [])
        waits = bool(window) and any(word in window[-1].code for word in NATIVE)
        self._excused = waits or overslept > ASLEEP
        held = [f"Python's lock was not to be had for {overslept * 1000:.0f} ms"] if overslept > LONGEST else []
        self._seen = "\n".join([*held, *_who([("window", window), *self._others(stacks)])])

    def _others(self, stacks: Mapping[int, list[Call]]) -> list[tuple[str, list[Call]]]:
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        known = (self._window, self.ident)
        return [(names.get(ident, "thread"), calls) for ident, calls in stacks.items() if ident not in known]


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

    def _tell(self, stall: WindowStall) -> None:
        now = monotonic()
        if now - self._told < QUIET:
            self._untold += 1
            return
        more = f" ({self._untold} more shortly before)" if self._untold else ""
        self._told, self._untold = now, 0
        log.info("The window stood still for %d ms%s\n%s", stall.milliseconds, more, stall.stacks)


def all_stacks() -> dict[int, list[Call]]:
    """Return what each thread is doing, by its number, outermost call first.

    `faulthandler` writes it down while Python's lock is held, so that nothing moves meanwhile, and
    touches no frame. A frame that is held from outside keeps its variables alive, such as the painter of
    a `paintEvent` that has returned; Qt crashes on that.
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


def _who(stacks: Iterable[tuple[str, list[Call]]]) -> Iterator[str]:
    """Tell of each thread that has to do with the lab our own calls and the innermost one, a line each."""
    for name, calls in stacks:
        if any(call.place for call in calls):
            yield "\n".join([f"{name}:", *(str(call) for call in calls[:-1] if call.place), str(calls[-1])])
