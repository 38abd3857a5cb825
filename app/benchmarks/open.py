"""How long does it take to open a run of a million events, and to move to another step of it?

The run is stored by the recorder and opened in the whole window until every panel is drawn. The control reads the run
event by event, each as an object, instead of by columns.
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
from agents.benchmarks.report.timing import seconds_of
from agents.benchmarks.speed.million_events import record
from agents.store.run import Run
from agents.story import Story
from app.benchmarks.opened_window import opened, show_until_watched
from app.window.main_window import MainWindow
from widgets.scene import Scene

OPENED, SOUGHT = 3.0, 200.0
"""Maximum seconds until a run is drawn, and maximum milliseconds until another step of it is."""


def measure(events: int = 1_000_000, seeks: int = 50, control: bool = True) -> list[Figure]:
    """Store a run of `events` events, open it in the window, and move to `seeks` random steps."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        folder = Path(root)
        run = record(folder / "runs", events)
        read = seconds_of(run.story)
        story = run.story()
        with opened(folder, "demo", "--theme", "dark", "--size", "1280x800") as window:
            show_until_watched(window)
            started = process_time()
            opening = _until_drawn(window, lambda: window.session.open_run(run.folder))
            computing, started = process_time() - started, thread_time()
            seeking = [_seek(window, step) for step in _steps(story.step, seeks)]
            drawing = 1_000 * (thread_time() - started) / seeks
        naive = [_naive(run)] if control else []
    busy = [
        Figure("opening: processor time", computing, "s", source="of all threads; what a quiet machine would need"),
        Figure("seeking: processor time", drawing, "ms", source="of the window's thread, a moment on average"),
    ]
    return [*_figures(events, read, opening, seeking), *busy, *naive]


def _seek(window: MainWindow, step: int) -> float:
    """Move the playhead to `step`; return the milliseconds until every visible panel shows it."""
    return 1_000 * _until_drawn(window, lambda: window.session.move_playhead(step))


def _until_drawn(window: MainWindow, act: Callable[[], None]) -> float:
    """Call `act`; return the seconds until the next scene with a run is drawn in every visible panel."""
    scenes: list[Scene] = []
    window.session.scene_changed.connect(scenes.append)
    started = perf_counter()
    act()
    while not (scenes and scenes[-1].story is not None and window.docks.is_drawn):
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    QApplication.processEvents()  # paints what was drawn
    seconds = perf_counter() - started
    window.session.scene_changed.disconnect(scenes.append)
    return seconds


def _steps(last: int, count: int) -> list[int]:
    return [int(step) for step in np.random.default_rng(0).integers(0, last, count)]


def _naive(run: Run) -> Figure:
    """Read the same run as one object per event: the control."""
    seconds = seconds_of(lambda: Story(run.replay()))
    source = "Story(run.replay()), nothing drawn"
    return Figure("control: an object an event", seconds, "s", f"> {OPENED:g}", seconds > OPENED, source)


def _figures(events: int, read: float, opening: float, seeking: list[float]) -> list[Figure]:
    drawn, source = "all panels of the default layout, 1280x800", f"{len(seeking)} random moments"
    return [
        Figure("reading", read, "s", source=f"{events:,} events, without a window"),
        at_most("opening", opening, "s", OPENED, f"until drawn: {drawn}"),
        Figure("seeking: median", median(seeking), "ms", source=f"{source}, until drawn: {drawn}"),
        at_most("seeking: worst", max(seeking), "ms", SOUGHT, f"{source}, until drawn: {drawn}"),
    ]
