"""Does the window stay responsive while the agent learns, and does the agent learn as fast as without a window?"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from statistics import median

from PySide6.QtGui import QGuiApplication

from agents.benchmarks.report.figure import Figure, at_least, at_most
from agents.config.config_file import find_curriculum
from agents.story import Story
from app.benchmarks.heartbeat import TICK, EventLoopProbe, TickIntervals
from app.benchmarks.opened_window import PANEL_INTERVAL, cycle_panels, opened, pause, show_until_watched, wait_for
from app.benchmarks.turns import Turns
from app.benchmarks.windowless_process import WindowlessProcess
from app.window.main_window import MainWindow

LATE = 33.0
"""Maximum 99th percentile of the tick interval in milliseconds: two frames at 60 Hz."""
LONGEST = 128.0
"""Maximum tick interval in milliseconds; longer ones are noticeable."""
SPEED = 0.9
SETTLE = 1_500
"""Milliseconds without activity before the measurement at rest."""


def measure(curriculum: str = "demo", idle: float = 10.0, stretch: int = 2_500) -> list[Figure]:
    """Measure the window's event loop at rest and while a curriculum is learned, in alternation with a run without."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        folder = Path(root)
        with opened(folder, curriculum, "--theme", "dark") as window:
            show_until_watched(window)
            process = WindowlessProcess(find_curriculum(curriculum), folder / "windowless", window)
            try:
                resting = _rest(window, idle)
                busy = _learn(window, process, stretch)
                story = window.session.story
                assert story is not None  # the run has just been completed
                return _responsiveness(resting, busy) + _speeds(_times(story), process.times, stretch)
            finally:
                process.end()


def _rest(window: MainWindow, seconds: float) -> TickIntervals:
    """Measure while nothing is drawn."""
    window.session.watching.suspend(True)
    probe = EventLoopProbe(window)
    pause(SETTLE)
    probe.start()
    pause(round(seconds * 1000))
    probe.stop()
    window.session.watching.suspend(False)
    return probe.statistics()


def _learn(window: MainWindow, process: WindowlessProcess, stretch: int) -> TickIntervals:
    """Measure while the curriculum is learned and every panel comes to the front in turn."""
    probe = EventLoopProbe(window)
    turns = Turns(window.session, process, probe, stretch)
    panels = cycle_panels(window)
    wait_for(turns.over, lambda: None)
    panels.stop()
    if process.has_failed:
        raise RuntimeError("the run without a window failed; see its error message above")
    return probe.statistics()


def _times(story: Story) -> dict[int, float]:
    """Return the seconds of training by step, after each update."""
    table = next(iter(story.updates.values()))
    return dict(zip(table["step"].tolist(), table["seconds"].tolist(), strict=True))


def _responsiveness(resting: TickIntervals, busy: TickIntervals) -> list[Figure]:
    screen = f"{TICK} ms timer in the window's thread, Qt platform {QGuiApplication.platformName()!r}"
    at_rest = f"{screen}; nothing moves"
    learning = f"{screen}; learning, another panel every {PANEL_INTERVAL // 1000} s"
    p99 = at_most("learning: p99", busy.p99, "ms", max(LATE, 2 * resting.p99), learning, form=".1f")
    return [
        Figure("at rest: p50", resting.median, "ms", source=at_rest),
        Figure("at rest: p99", resting.p99, "ms", source=at_rest),
        Figure("at rest: longest", resting.longest, "ms", source=f"{at_rest}; {resting.count:,} ticks"),
        Figure("learning: p50", busy.median, "ms", source=learning),
        p99.beside(resting.p99, "at rest"),
        at_most("learning: longest", busy.longest, "ms", LONGEST, learning),
    ]


def _speeds(window: Mapping[int, float], alone: Mapping[int, float], stretch: int) -> list[Figure]:
    """Compare the two stretch by stretch: both executed the same steps, one right after the other."""
    marks = _marks(sorted(window.keys() & alone.keys()), stretch)
    ratios = [(alone[end] - alone[start]) / (window[end] - window[start]) for start, end in pairwise(marks)]
    ratio, source = median(ratios), f"median of {len(ratios)} stretches of the same {stretch:,} steps, taken in turns"
    return [
        Figure("with the window", _rate(window, marks), "steps/s", source="recorded; evaluations included"),
        Figure("without a window", _rate(alone, marks), "steps/s", source="recorded; evaluations included"),
        at_least("speed with the window to without", ratio, "×", SPEED, source),
    ]


def _rate(times: Mapping[int, float], marks: list[int]) -> float:
    return (marks[-1] - marks[0]) / (times[marks[-1]] - times[marks[0]])


def _marks(steps: list[int], stretch: int) -> list[int]:
    """Return steps that are at least `stretch` apart, starting with the first."""
    marks = steps[:1]
    for step in steps:
        if step - marks[-1] >= stretch:
            marks.append(step)
    return marks
