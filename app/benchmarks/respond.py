"""How long does the window take from a press to the last frame that it changes, compared with an empty button?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from agents.benchmarks.report.figure import Figure, at_most
from app.benchmarks.frame_times import FrameTimer
from app.benchmarks.opened_window import opened, pause, save_houses, show_until_learning, wait_until
from app.window.actions import ACTIONS
from app.window.main_window import MainWindow
from app.window.panels import PANELS

GOALS: Mapping[str, tuple[float, float]] = {"at rest": (100.0, 250.0), "in a run": (200.0, 400.0)}
"""Maximum milliseconds: of the 95th percentile, and of the longest press."""
EXCLUDED = frozenset(
    (
        *("quit", "new", "logs", "full_screen", "open", "import", "save", "save_as"),
        *("stop", "reset", "resume", "play", "step"),
        *(key for key in ACTIONS if key.startswith("export")),
    )
)
"""Actions that end the measured state, or open dialogs of the desktop."""
STEPS = 400_000
"""Steps of each stage; more than are executed during the measurement."""
EMPTY = "an empty button"
SETTLE = 1_000
"""Milliseconds without activity before the first press."""

Press = tuple[str, Callable[[], object]]


def measure(rounds: int = 3) -> list[Figure]:
    """Press everything that can be used, `rounds` times, during a run and then at rest.

    At rest the last frame is the last one before 300 ms without any; the watched world and the monitor, which draw by
    themselves, are stopped. In a run, which draws all the time, it is the first frame after the press was handled in
    which every panel is up to date.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        folder = Path(root)
        file = str(save_houses(folder, STEPS))
        with opened(folder, file, "--start", "--theme", "dark", "--size", "1280x800") as window:
            show_until_learning(window)
            live = _time_presses(window, rounds, is_live=True)
            window.session.stop()
            wait_until(lambda: window.session.state == "stored")
            window.session.watching.set_speed(0)
            window.monitor.measured.disconnect()
            rest = _time_presses(window, rounds, is_live=False)
            return [*_figures("at rest", rest), *_figures("in a run", live)]


def _time_presses(window: MainWindow, rounds: int, *, is_live: bool) -> dict[str, list[float]]:
    """Return the milliseconds of each press, by its name."""
    button = QPushButton("0", window)
    button.show()
    button.clicked.connect(lambda: button.setText(f"{int(button.text()) + 1}"))
    timer = FrameTimer(window, is_live=is_live)
    pause(SETTLE)
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, press in _presses(window):
            times.setdefault(name, []).append(timer.milliseconds_of(press))
            times.setdefault(EMPTY, []).append(timer.milliseconds_of(button.click))
    timer.end()
    button.deleteLater()
    return times


def _presses(window: MainWindow) -> Iterator[Press]:
    """Yield every tab and every enabled action; theme and language twice, so that they are restored."""
    for spec in PANELS:
        yield f"tab {spec.key}", lambda key=spec.key: window.docks.show_panel(key)  # type: ignore[misc]
    for key, action in window.commands.items():
        if key not in EXCLUDED and action.isEnabled():
            yield key, action.trigger
            if key in ("theme", "language"):
                yield key, action.trigger


def _figures(state: str, times: Mapping[str, list[float]]) -> Iterator[Figure]:
    """Yield the 95th percentile and the maximum over all presses, with those of the empty button as control."""
    empty = times[EMPTY]
    by_name = {name: values for name, values in times.items() if name != EMPTY}
    presses = [value for values in by_name.values() for value in values]
    slow = sorted(by_name, key=lambda name: -max(by_name[name]))[:5]
    slowest = ", ".join(f"{name} {max(by_name[name]):.0f}" for name in slow)
    p95_goal, longest_goal = GOALS[state]
    platform = QGuiApplication.platformName()
    source = f"{len(presses)} presses of {len(by_name)} kinds, 1280x800, Qt platform {platform!r}; slowest: {slowest}"
    p95, longest = float(np.percentile(presses, 95)), max(presses)
    yield at_most(f"{state}: p95", p95, "ms", p95_goal, source).beside(float(np.percentile(empty, 95)), EMPTY)
    yield at_most(f"{state}: longest", longest, "ms", longest_goal, source).beside(max(empty), EMPTY)
