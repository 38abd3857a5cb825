"""Does the lab grow while it is left alone for hours, and does whatever is opened and closed leave something behind?

The window learns a curriculum that begins again and again, watched, another panel to the front
every four seconds. Beside it `python -m app run` learns the same, a process without a window:
what grows there is the trainer's, and what grows beyond it the window's.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle as endlessly
from pathlib import Path
from time import monotonic

import numpy as np
import psutil
from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from agents.benchmarks.figure import Figure
from agents.commands import Pause
from agents.config_file import find_curriculum, load, save
from app.application import prepare, read
from app.benchmarks.cycles import cycle
from app.benchmarks.inventory import Holding, Inventory, take_inventory, weigh
from app.benchmarks.screen import find_screen
from app.log_file import LogFile, hear_qt
from app.main_window import MainWindow
from app.panels import PANELS
from app.settings import Settings
from app.watchdog import Watchdog

EVERY, TURN_PAGE = 1_000, 4_000
"""Milliseconds between two readings, and after which another panel is brought to the front."""
TIDE = 60.0
"""Seconds in which memory fills and is given back once: how much lies spare at a moment says nothing of growth."""
FASTEST = 250_000
"""Steps a minute that no machine is expected to take: the curriculum must not end before the time is up."""
ROUNDS = 8
"""After which whatever is new each time is taken for a leak."""
LIKELY = 500.0
"""Megabytes an hour beyond which a lab left alone overnight fills a laptop."""
MEGA = 1e6


@dataclass(frozen=True, slots=True)
class Reading:
    """What was held at one moment, by the window's process and by the one without a window."""

    seconds: float
    step: int
    holding: Holding
    alone: int
    """Bytes; 0 once it has ended."""
    objects: int


def measure(minutes: float = 20.0, cycles: int = 100, curriculum: str = "demo") -> list[Figure]:
    """Learn for so many minutes, then open and close everything so many times."""
    find_screen()
    hear_qt()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        file = _endless(place / "endless.toml", curriculum, minutes)
        with _window(place, file, application) as window:
            with _alone(file, place / "alone") as other:
                readings = _learn(window, other, minutes)
            _hold_still(window)
            before, after = _cycle(window, cycles)
    return [*_growth(readings), *_leaks(before, after, cycles)]


def _endless(path: Path, curriculum: str, minutes: float) -> Path:
    """Write a curriculum that begins again and again for so long."""
    config = load(find_curriculum(curriculum))
    once = sum(stage.steps for stage in config.stages)
    times = max(int(minutes * FASTEST / once) + 1, 2)
    stages = tuple(
        stage.model_copy(update={"id": f"{number}-{stage.id}"}) for number in range(times) for stage in config.stages
    )
    save(path, config.model_copy(update={"stages": stages}))
    return path


@contextmanager
def _window(place: Path, file: Path, application: QApplication) -> Iterator[MainWindow]:
    log = LogFile(place / "log")
    asked = read([str(file), "--runs", str(place / "runs"), "--theme", "dark", "--language", "en", "--start"])
    window = prepare(asked, Settings(place / "settings"), log)
    watchdog = Watchdog(window)
    window.painted.connect(watchdog.begin)
    window.show()
    try:
        yield window
    finally:
        watchdog.end()
        log.close()
        window.end()
        window.deleteLater()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@contextmanager
def _alone(file: Path, runs: Path) -> Iterator[psutil.Process]:
    command = [sys.executable, "-m", "app", "run", str(file), "--quiet", "--runs", str(runs)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def _learn(window: MainWindow, other: psutil.Process, minutes: float) -> list[Reading]:
    """Let it learn, turn the pages, and read what is held meanwhile."""
    readings: list[Reading] = []
    began, panels, loop = monotonic(), endlessly(spec.key for spec in PANELS), QEventLoop()
    timers = [
        _each(window, EVERY, lambda: readings.append(_read(window, other, monotonic() - began))),
        _each(window, TURN_PAGE, lambda: window.deck.bring(next(panels))),
    ]
    QTimer.singleShot(round(minutes * 60_000), loop.quit)
    loop.exec()
    for timer in timers:
        timer.stop()
        timer.deleteLater()
    return readings


def _each(window: MainWindow, milliseconds: int, act: Callable[[], object]) -> QTimer:
    timer = QTimer(window, interval=milliseconds)
    timer.timeout.connect(act)
    timer.start()
    return timer


def _read(window: MainWindow, other: psutil.Process, seconds: float) -> Reading:
    story, session = window.session.story, window.session
    try:
        alone = other.memory_info().rss
    except psutil.Error:
        alone = 0
    objects = len(window.findChildren(QTimer)) + len(session.findChildren(QTimer)) + len(QApplication.allWidgets())
    return Reading(seconds, story.step if story else 0, weigh(), alone, objects)


def _hold_still(window: MainWindow) -> None:
    """Pause the run: what a run makes on its way must not be taken for what a panel leaves behind."""
    if window.session.state != "running":
        raise RuntimeError(f"the run should be going on, but it is {window.session.state}; the log tells why")
    loop = QEventLoop()
    window.session.state_changed.connect(loop.quit)
    window.session.put(Pause())
    loop.exec()
    window.session.state_changed.disconnect(loop.quit)


def _cycle(window: MainWindow, cycles: int) -> tuple[Inventory, Inventory]:
    before = _acquainted(window)
    for _ in range(cycles):
        cycle(window)
    return before, take_inventory(window)


def _acquainted(window: MainWindow) -> Inventory:
    """Open and close everything until that makes nothing new: menus, tabs and texts are made when first seen."""
    now = take_inventory(window)
    for _ in range(ROUNDS):
        cycle(window)
        before, now = now, take_inventory(window)
        if now == before:
            break
    return now


def slope(seconds: Sequence[float], values: Sequence[float]) -> float:
    """Return how much is added an hour: a straight line through what follows the first third."""
    late = np.array(seconds) >= seconds[-1] / 3
    return float(np.polyfit(np.array(seconds)[late], np.array(values, dtype=float)[late], 1)[0]) * 3600


def ebb(seconds: Sequence[float], values: Sequence[float]) -> float:
    """Return how much is added an hour to the least that is held in each minute; in each tenth of a short time."""
    lowest: dict[int, tuple[float, float]] = {}
    tide = min(TIDE, seconds[-1] / 10)
    for value, second in sorted(zip(values, seconds, strict=True)):
        lowest.setdefault(int(second // tide), (second, value))
    return slope(*zip(*sorted(lowest.values()), strict=True))


def _growth(readings: Sequence[Reading]) -> list[Figure]:
    times = [reading.seconds for reading in readings]
    whole = ebb(times, [reading.holding.resident / MEGA for reading in readings])
    alone = ebb(times, [reading.alone / MEGA for reading in readings])
    pace = slope(times, [reading.step for reading in readings])
    about = (
        f"straight line through the last two thirds of {times[-1] / 60:.1f} minutes, {pace / MEGA:.1f} million steps/h"
    )
    least = "the least that is held in each minute"
    parts = {
        "in use by C code": [reading.holding.in_use / MEGA for reading in readings],
        "kept by the C library for later": [reading.holding.spare / MEGA for reading in readings],
    }
    return [
        Figure("growth: window and trainer", whole, "MB/h", f"≤ {LIKELY:g}", whole <= LIKELY, f"{least}; {about}"),
        Figure("growth: trainer without a window", alone, "MB/h", source=f"another process; {least}; {about}"),
        Figure("growth: window", whole - alone, "MB/h", source="the difference"),
        *(Figure(f"growth: {name}", slope(times, values), "MB/h", source=about) for name, values in parts.items()),
        Figure("growth: Python's blocks", slope(times, [r.holding.blocks for r in readings]), "/h", source=about),
        Figure("growth: widgets and timers", slope(times, [r.objects for r in readings]), "/h", source=about),
        Figure("resident at the end", readings[-1].holding.resident / MEGA, "MB", source="window and trainer"),
    ]


def _leaks(before: Inventory, after: Inventory, cycles: int) -> list[Figure]:
    more = ", ".join(f"{number} {kind}" for kind, number in sorted((after.kinds - before.kinds).items()))
    source = f"{cycles} times everything opened and closed" + (f"; there are more of: {more}" if more else "")
    return [Figure(f"leaked {name}", left, "", "≤ 0", left <= 0, source) for name, left in after.less(before).items()]
