"""Does the process grow during hours of training, and do panels and dialogs leak when they are opened and closed?

The window learns a curriculum that repeats, with the agent watched and another panel in front every four seconds.
Beside it a process without a window learns the same: its growth is the trainer's, and the rest is the window's. Once a
minute both are paused, and memory is read after unused memory was returned to the system: it varies by some hundred
megabytes with every minibatch.
"""

from __future__ import annotations

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
from agents.runtime.heap_trim import trim_heap
from app.benchmarks.cycles import cycle
from app.benchmarks.inventory import Inventory, MemoryUse, measure_memory, take_inventory
from app.benchmarks.opened_window import cycle_panels, opened, pause, wait_for
from app.benchmarks.windowless_process import WindowlessProcess
from app.diagnostics.log_file import log_qt_messages
from app.diagnostics.watchdog import Watchdog
from app.window.main_window import MainWindow

EVERY = 60.0
"""Maximum seconds of training between two readings; a shorter measurement has ten."""
FASTEST = 250_000
"""Upper bound of steps a minute on any machine, so that the curriculum outlasts the measurement."""
WARM_UP_CYCLES = 8
"""Maximum cycles before the first inventory; objects that are created in every one of them are leaks."""
LIMIT = 500.0
"""Maximum growth in megabytes an hour: more would fill the memory of a laptop overnight."""
MEGA = 1e6


@dataclass(frozen=True, slots=True)
class SoakReading:
    """Memory and objects while both processes are paused."""

    seconds: float
    step: int
    memory: MemoryUse
    """Of the window's process."""
    trainer: int
    """Resident bytes of the process without a window."""
    untrimmed: int
    """Resident bytes of the window's process before unused memory was returned."""
    objects: int
    """Widgets and timers."""


def measure(minutes: float = 20.0, cycles: int = 100, curriculum: str = "demo") -> list[Figure]:
    """Train for `minutes`, then open and close everything `cycles` times."""
    log_qt_messages()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        folder = Path(root)
        file = _repeated(folder / "endless.toml", curriculum, minutes)
        with _learning_window(folder, file) as window:
            process = WindowlessProcess(file, folder / "alone", window)
            try:
                readings = _learn(window, process, minutes)
            finally:
                process.end()
                process.deleteLater()
            before, after = _cycle(window, cycles)
    return [*_growth(readings), *_leaks(before, after, cycles)]


def _repeated(path: Path, curriculum: str, minutes: float) -> Path:
    """Write a curriculum repeated often enough to last `minutes`; return its path."""
    config = load(find_curriculum(curriculum))
    steps = sum(stage.steps for stage in config.stages)
    times = max(int(minutes * FASTEST / steps) + 1, 2)
    stages = tuple(
        stage.model_copy(update={"id": f"{number}-{stage.id}"}) for number in range(times) for stage in config.stages
    )
    save(path, config.model_copy(update={"stages": stages}))
    return path


@contextmanager
def _learning_window(folder: Path, file: Path) -> Iterator[MainWindow]:
    """Yield a window that learns a curriculum, with a watchdog as in normal use."""
    with opened(folder, str(file), "--theme", "dark", "--start") as window:
        watchdog = Watchdog(window)
        window.painted.connect(watchdog.begin)
        window.show()
        try:
            yield window
        finally:
            watchdog.end()


def _learn(window: MainWindow, process: WindowlessProcess, minutes: float) -> list[SoakReading]:
    """Let both train for `minutes`; return a reading for each interval. Both are paused afterwards."""
    panels = cycle_panels(window)
    wait_for(process.paused, process.start)
    readings: list[SoakReading] = []
    started, duration = monotonic(), minutes * 60
    while (elapsed := monotonic() - started) < duration:
        process.run_to()
        if readings:
            window.session.put(Resume())
        pause(round(1000 * min(EVERY, duration / 10, duration - elapsed)))
        wait_for(process.paused, process.pause)
        wait_for(process.weighed, process.weigh)
        untrimmed = measure_memory().resident
        _pause_run(window)
        readings.append(_read(window, process, monotonic() - started, untrimmed))
    panels.stop()
    panels.deleteLater()
    return readings


def _pause_run(window: MainWindow) -> None:
    """Pause the run, so that its temporary memory is not counted."""
    session = window.session
    if session.state != "running":
        raise RuntimeError(f"the run should be running, but it is {session.state}; see the log")
    wait_for(session.state_changed, lambda: session.put(Pause()))


def _read(window: MainWindow, process: WindowlessProcess, seconds: float, untrimmed: int) -> SoakReading:
    story, session = window.session.story, window.session
    objects = len(window.findChildren(QTimer)) + len(session.findChildren(QTimer)) + len(QApplication.allWidgets())
    trim_heap()
    return SoakReading(seconds, story.step if story else 0, measure_memory(), process.memory, untrimmed, objects)


def _cycle(window: MainWindow, cycles: int) -> tuple[Inventory, Inventory]:
    """Return the inventories before and after `cycles` cycles."""
    before = _warm_up(window)
    for _ in range(cycles):
        cycle(window)
    return before, take_inventory(window)


def _warm_up(window: MainWindow) -> Inventory:
    """Cycle until the inventory is stable: menus, tabs and texts are created at first use."""
    now = take_inventory(window)
    for _ in range(WARM_UP_CYCLES):
        cycle(window)
        before, now = now, take_inventory(window)
        if now == before:
            break
    return now


def hourly_growth(seconds: Sequence[float], values: Sequence[float]) -> float:
    """Return the slope per hour of a straight line through the values after the first third of the time."""
    late = np.array(seconds) >= seconds[-1] / 3
    return float(np.polyfit(np.array(seconds)[late], np.array(values, dtype=float)[late], 1)[0]) * 3600


def _growth(readings: Sequence[SoakReading]) -> list[Figure]:
    times = [reading.seconds for reading in readings]
    pace = hourly_growth(times, [reading.step for reading in readings])
    source = (
        f"straight line through the last two thirds of {times[-1] / 60:.1f} minutes, {pace / MEGA:.1f} million steps/h"
    )
    trimmed = f"after unused memory was returned; {source}"

    def growth(name: str, values: Sequence[float], unit: str = "MB/h") -> Figure:
        return Figure(f"growth: {name}", hourly_growth(times, values), unit, source=source)

    whole = hourly_growth(times, [reading.memory.resident / MEGA for reading in readings])
    trainer = hourly_growth(times, [reading.trainer / MEGA for reading in readings])
    last = readings[-1]
    resident = Figure("resident at the end", last.memory.resident / MEGA, "MB", source="window and trainer")
    return [
        at_most("growth: window and trainer", whole, "MB/h", LIMIT, trimmed),
        Figure("growth: trainer", trainer, "MB/h", source=f"a process without a window, {trimmed}"),
        Figure("growth: window", whole - trainer, "MB/h", source="the difference"),
        growth("with unused memory", [reading.untrimmed / MEGA for reading in readings]),
        growth("in use by C code", [reading.memory.in_use / MEGA for reading in readings]),
        growth("Python's blocks", [reading.memory.blocks for reading in readings], "/h"),
        growth("widgets and timers", [reading.objects for reading in readings], "/h"),
        resident.beside(last.untrimmed / MEGA, "with unused memory"),
    ]


def _leaks(before: Inventory, after: Inventory, cycles: int) -> list[Figure]:
    more = ", ".join(f"{number} {kind}" for kind, number in sorted((after.kinds - before.kinds).items()))
    source = f"{cycles} times everything opened and closed" + (f"; there are more of: {more}" if more else "")
    return [at_most(f"leaked {name}", left, "", 0, source) for name, left in after.increase_from(before).items()]
