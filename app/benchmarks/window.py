"""Does the window stay smooth while the agent learns beside it, and does the agent learn as fast as without it?"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import cycle, pairwise
from pathlib import Path
from statistics import median

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication

from agents.benchmarks.report.figure import Figure, at_least, at_most
from agents.config.config_file import find_curriculum
from agents.story import Story
from app.benchmarks.heartbeat import BEAT, EventLoopProbe, Pulse
from app.benchmarks.opened_window import opened, pause, show_until_watched
from app.benchmarks.turns import Turns
from app.benchmarks.windowless_process import Opponent
from app.window.main_window import MainWindow
from app.window.panels import PANELS

LATE = 33.0
"""Milliseconds that 99 of 100 beats may take: two pictures of a screen with 60 Hz."""
LONGEST = 128.0
"""Milliseconds that no beat may take: from there on a person notices."""
SPEED = 0.9
TURN_PAGE = 4_000
"""Milliseconds after which another panel is brought to the front."""
SETTLE = 1_500
"""Milliseconds of quiet before the idle heart is listened to."""


def measure(curriculum: str = "demo", idle: float = 10.0, stretch: int = 2_500) -> list[Figure]:
    """Listen to the heart of the window at rest and while a curriculum is learned, beside a run without a window."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        with opened(place, curriculum, "--theme", "dark") as window:
            show_until_watched(window)
            opponent = Opponent(find_curriculum(curriculum), place / "windowless", window)
            try:
                resting = _rest(window, idle)
                busy = _learn(window, opponent, stretch)
                story = window.session.story
                assert story is not None  # it was told until its end
                return _pulses(resting, busy) + _speeds(_times(story), opponent.times, stretch)
            finally:
                opponent.end()


def _rest(window: MainWindow, seconds: float) -> Pulse:
    """Listen while nothing moves."""
    window.session.watching.suspend(True)
    heartbeat = EventLoopProbe(window)
    pause(SETTLE)
    heartbeat.start()
    pause(round(seconds * 1000))
    heartbeat.stop()
    window.session.watching.suspend(False)
    return heartbeat.pulse()


def _learn(window: MainWindow, opponent: Opponent, stretch: int) -> Pulse:
    """Listen while the curriculum is learned and every panel comes to the front in turn."""
    heartbeat = EventLoopProbe(window)
    panels = cycle(spec.key for spec in PANELS)
    pages = QTimer(window, interval=TURN_PAGE)
    pages.timeout.connect(lambda: window.docks.show_panel(next(panels)))
    loop = QEventLoop()
    turns = Turns(window.session, opponent, heartbeat, stretch)
    turns.over.connect(loop.quit)
    pages.start()
    loop.exec()
    pages.stop()
    if opponent.has_failed:
        raise RuntimeError("the run without a window failed; what it said is above")
    return heartbeat.pulse()


def _times(story: Story) -> dict[int, float]:
    """Return the seconds of learning after which each step was reached."""
    table = next(iter(story.updates.values()))
    return dict(zip(table["step"].tolist(), table["seconds"].tolist(), strict=True))


def _pulses(resting: Pulse, busy: Pulse) -> list[Figure]:
    screen = f"{BEAT} ms heartbeat in the window's thread, Qt platform {QGuiApplication.platformName()!r}"
    allowed = max(LATE, 2 * resting.late)
    at_rest, learning = f"{screen}; nothing moves", f"{screen}; learning, another panel every {TURN_PAGE // 1000} s"
    late = at_most("learning: p99", busy.late, "ms", allowed, learning, form=".1f")
    return [
        Figure("at rest: p50", resting.median, "ms", source=at_rest),
        Figure("at rest: p99", resting.late, "ms", source=at_rest),
        Figure("at rest: longest", resting.longest, "ms", source=f"{at_rest}; {resting.beats:,} beats"),
        Figure("learning: p50", busy.median, "ms", source=learning),
        late.beside(resting.late, "at rest"),
        at_most("learning: longest", busy.longest, "ms", LONGEST, learning),
    ]


def _speeds(window: Mapping[int, float], alone: Mapping[int, float], stretch: int) -> list[Figure]:
    """Compare the two stretch by stretch: both took the same steps, one right after the other."""
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
    marks = steps[:1]
    for step in steps:
        if step - marks[-1] >= stretch:
            marks.append(step)
    return marks
