"""How soon is a run of a million events there to be looked at, and how soon another moment of it?

The run is stored by the recorder and opened in the whole window, which is drawn to the last
panel. The same events, each told as an object to a story, are what the columns save.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, thread_time

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from agents.benchmarks.report.figure import Figure, at_most
from agents.benchmarks.speed.million_events import record
from agents.store.run import Run
from agents.story import Story
from app.benchmarks.opened_window import opened, show_until_watched
from app.window.main_window import MainWindow
from widgets.scene import Scene

OPENED, SOUGHT = 3.0, 200.0
"""Seconds until a run is drawn, and milliseconds until another moment of it is."""


def measure(events: int = 1_000_000, seeks: int = 50, control: bool = True) -> list[Figure]:
    """Store a run of so many events, open it in the window, and look at so many moments of it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        run = record(Path(folder) / "runs", events)
        read_in = _seconds(run.story)
        story = run.story()
        with opened(Path(folder), "demo", "--theme", "dark", "--size", "1280x800") as window:
            show_until_watched(window)
            computed = process_time()
            shown = _open(window, run)
            computed, drawing = process_time() - computed, thread_time()
            sought = [_seek(window, step) for step in _steps(story.step, seeks)]
            drawing = 1_000 * (thread_time() - drawing) / seeks
        naive = [_naive(run)] if control else []
    busy = [
        Figure("opening: processor time", computed, "s", source="of all threads; what a quiet machine would need"),
        Figure("seeking: processor time", drawing, "ms", source="of the window's thread, a moment on average"),
    ]
    return [*_figures(events, read_in, shown, sought), *busy, *naive]


def _open(window: MainWindow, run: Run) -> float:
    """Bring the run to the front; return the seconds until every panel that can be seen shows it."""
    return _until_drawn(window, lambda: window.session.open_run(run.folder))


def _seek(window: MainWindow, step: int) -> float:
    """Move the playhead; return the milliseconds until every panel that can be seen shows that moment."""
    return 1_000 * _until_drawn(window, lambda: window.session.move_playhead(step))


def _until_drawn(window: MainWindow, act: Callable[[], None]) -> float:
    """Act; return the seconds until the next scene of a run is drawn and painted."""
    scenes: list[Scene] = []
    window.session.scene_changed.connect(scenes.append)
    began = perf_counter()
    act()
    while not (scenes and scenes[-1].story is not None and window.docks.is_drawn):
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    QApplication.processEvents()  # what was drawn is painted now
    took = perf_counter() - began
    window.session.scene_changed.disconnect(scenes.append)
    return took


def _steps(last: int, count: int) -> list[int]:
    return [int(step) for step in np.random.default_rng(0).integers(0, last, count)]


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def _naive(run: Run) -> Figure:
    """Read the same run as an object an event."""
    took = _seconds(lambda: Story(run.replay()))
    said = "Story(run.replay()), nothing drawn"
    return Figure("control: an object an event", took, "s", f"> {OPENED:g}", took > OPENED, said)


def _figures(events: int, read_in: float, opened: float, sought: list[float]) -> list[Figure]:
    drawn, each = "all panels of the default layout, 1280x800", f"{len(sought)} random moments"
    worst = max(sought)
    return [
        Figure("reading", read_in, "s", source=f"{events:,} events, without a window"),
        at_most("opening", opened, "s", OPENED, f"until drawn: {drawn}"),
        Figure("seeking: median", median(sought), "ms", source=f"{each}, until drawn: {drawn}"),
        at_most("seeking: worst", worst, "ms", SOUGHT, f"{each}, until drawn: {drawn}"),
    ]
