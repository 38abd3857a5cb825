"""Does the lab grow while it is left alone for hours, and does whatever is opened and closed leave something behind?

The window learns a curriculum that begins again and again, watched, another panel to the front
every four seconds. Beside it a process without a window learns the same: what grows there is the
trainer's, and what grows beyond it the window's. Once a minute both hold still, and what is held is
read after everything spare was given back: some hundred megabytes come and go with every minibatch.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from agents.benchmarks.report.figure import Figure, at_most
from agents.commands import Pause, Resume
from agents.config.config_file import find_curriculum, load, save
from agents.runtime.heap_trim import give_back
from app.benchmarks.cycles import cycle
from app.benchmarks.inventory import Holding, Inventory, take_inventory, weigh
from app.benchmarks.opened_window import opened, pause, wait_for
from app.benchmarks.windowless_process import Opponent
from app.diagnostics.log_file import log_qt_messages
from app.diagnostics.watchdog import Watchdog
from app.window.main_window import MainWindow
from app.window.panels import PANELS

EVERY = 60.0
"""Seconds of learning between two readings; in a short time there are ten."""
TURN_PAGE = 4_000
"""Milliseconds after which another panel is brought to the front."""
FASTEST = 250_000
"""Steps a minute that no machine is expected to take: the curriculum must not end before the time is up."""
ROUNDS = 8
"""After which whatever is new each time is taken for a leak."""
LIKELY = 500.0
"""Megabytes an hour beyond which a lab left alone overnight fills a laptop."""
MEGA = 1e6


@dataclass(frozen=True, slots=True)
class SoakReading:
    """What was held while everything held still, by the window's process and by the one without a window."""

    seconds: float
    step: int
    holding: Holding
    alone: int
    """Bytes."""
    full: int
    """Bytes that the window's process held a moment before, with what was spare."""
    objects: int


def measure(minutes: float = 20.0, cycles: int = 100, curriculum: str = "demo") -> list[Figure]:
    """Learn for so many minutes, then open and close everything so many times."""
    log_qt_messages()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        file = _endless(place / "endless.toml", curriculum, minutes)
        with _watched(place, file) as window:
            opponent = Opponent(file, place / "alone", window)
            try:
                readings = _learn(window, opponent, minutes)
            finally:
                opponent.end()
                opponent.deleteLater()
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
def _watched(place: Path, file: Path) -> Iterator[MainWindow]:
    """Yield a window that learns a curriculum, with the watchdog that it has in use."""
    with opened(place, str(file), "--theme", "dark", "--start") as window:
        watchdog = Watchdog(window)
        window.painted.connect(watchdog.begin)
        window.show()
        try:
            yield window
        finally:
            watchdog.end()


def _learn(window: MainWindow, opponent: Opponent, minutes: float) -> list[SoakReading]:
    """Let both learn, turn the pages, and read what is held every now and then. The run holds still afterwards."""
    panels = itertools.cycle(spec.key for spec in PANELS)
    pages = QTimer(window, interval=TURN_PAGE)
    pages.timeout.connect(lambda: window.docks.show_panel(next(panels)))
    pages.start()
    wait_for(opponent.waiting, opponent.start)
    readings: list[SoakReading] = []
    began, most = monotonic(), minutes * 60
    while (spent := monotonic() - began) < most:
        opponent.go()
        if readings:
            window.session.put(Resume())
        pause(round(1000 * min(EVERY, most / 10, most - spent)))
        wait_for(opponent.waiting, opponent.wait)
        wait_for(opponent.weighed, opponent.weigh)
        full = weigh().resident
        _hold_still(window)
        readings.append(_read(window, opponent, monotonic() - began, full))
    pages.stop()
    pages.deleteLater()
    return readings


def _hold_still(window: MainWindow) -> None:
    """Pause the run: what a run makes on its way must not be taken for what a panel leaves behind."""
    session = window.session
    if session.state != "running":
        raise RuntimeError(f"the run should be going on, but it is {session.state}; the log tells why")
    wait_for(session.state_changed, lambda: session.put(Pause()))


def _read(window: MainWindow, opponent: Opponent, seconds: float, full: int) -> SoakReading:
    story, session = window.session.story, window.session
    objects = len(window.findChildren(QTimer)) + len(session.findChildren(QTimer)) + len(QApplication.allWidgets())
    give_back()
    return SoakReading(seconds, story.step if story else 0, weigh(), opponent.held, full, objects)


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


def hourly_growth(seconds: Sequence[float], values: Sequence[float]) -> float:
    """Return how much is added an hour: a straight line through what follows the first third."""
    late = np.array(seconds) >= seconds[-1] / 3
    return float(np.polyfit(np.array(seconds)[late], np.array(values, dtype=float)[late], 1)[0]) * 3600


def _growth(readings: Sequence[SoakReading]) -> list[Figure]:
    times = [reading.seconds for reading in readings]
    pace = hourly_growth(times, [reading.step for reading in readings])
    about = (
        f"straight line through the last two thirds of {times[-1] / 60:.1f} minutes, {pace / MEGA:.1f} million steps/h"
    )
    spared = f"after what is spare was given back; {about}"

    def growth(name: str, values: Sequence[float], unit: str = "MB/h") -> Figure:
        return Figure(f"growth: {name}", hourly_growth(times, values), unit, source=about)

    whole = hourly_growth(times, [each.holding.resident / MEGA for each in readings])
    alone = hourly_growth(times, [each.alone / MEGA for each in readings])
    return [
        at_most("growth: window and trainer", whole, "MB/h", LIKELY, spared),
        Figure("growth: trainer", alone, "MB/h", source=f"a process without a window, {spared}"),
        Figure("growth: window", whole - alone, "MB/h", source="the difference"),
        growth("with what is spare", [each.full / MEGA for each in readings]),
        growth("in use by C code", [each.holding.in_use / MEGA for each in readings]),
        growth("Python's blocks", [each.holding.blocks for each in readings], "/h"),
        growth("widgets and timers", [each.objects for each in readings], "/h"),
        Figure("resident at the end", readings[-1].holding.resident / MEGA, "MB", source="window and trainer").beside(
            readings[-1].full / MEGA, "with what is spare"
        ),
    ]


def _leaks(before: Inventory, after: Inventory, cycles: int) -> list[Figure]:
    more = ", ".join(f"{number} {kind}" for kind, number in sorted((after.kinds - before.kinds).items()))
    source = f"{cycles} times everything opened and closed" + (f"; there are more of: {more}" if more else "")
    return [at_most(f"leaked {name}", left, "", 0, source) for name, left in after.less(before).items()]
