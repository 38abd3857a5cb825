"""How soon is a press answered: from the press to the last frame that it changes, beside an empty button?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from agents.benchmarks.report.figure import Figure, at_most
from agents.config import RunConfig
from agents.config.config_file import save
from app.benchmarks.frame_times import FrameTimer
from app.benchmarks.opened_window import opened, pause, wait_until
from app.window.actions import ACTIONS
from app.window.main_window import MainWindow
from app.window.panels import PANELS
from envs.curriculum import Stage

GOALS: Mapping[str, tuple[float, float]] = {"at rest": (100.0, 250.0), "in a run": (200.0, 400.0)}
"""Milliseconds: the 95th percentile, and the longest."""
LEFT_OUT = frozenset(
    (
        "quit",
        "new",
        "logs",
        "full_screen",
        "open",
        "import",
        "save",
        "save_as",
        "stop",
        "reset",
        "resume",
        "play",
        "step",
    )
) | {key for key in ACTIONS if key.startswith("export")}
"""Actions that end what is measured, or open what belongs to the desktop."""
STAGES = (Stage(task="household/go-to", steps=400_000), Stage(task="mirror/go-to", steps=400_000))
EMPTY = "an empty button"
SETTLE = 1_000
"""Milliseconds of peace before the first press."""

Press = tuple[str, Callable[[], object]]


def measure(rounds: int = 3) -> list[Figure]:
    """Press everything that can be used, so often, while the agent learns and then at rest.

    At rest the last frame is the last one before 300 ms without any; the watched world and the monitor, which draw by
    themselves, are held. In a run, which draws all the time, it is the first frame after the press was answered in
    which every panel is up to date.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "houses.toml"
        save(file, RunConfig.model_validate({"name": "Houses", "stages": STAGES}))
        with opened(Path(folder), str(file), "--start", "--theme", "dark", "--size", "1280x800") as window:
            window.show()
            wait_until(lambda: window.session.story is not None and window.session.story.step > 0)
            live = _presses(window, rounds, is_live=True)
            window.session.stop()
            wait_until(lambda: window.session.state == "stored")
            window.session.watching.set_speed(0)
            window.monitor.measured.disconnect()
            rest = _presses(window, rounds, is_live=False)
            return [*_figures("at rest", rest), *_figures("in a run", live)]


def _presses(window: MainWindow, rounds: int, *, is_live: bool) -> dict[str, list[float]]:
    """Return the milliseconds that each press took, by its name."""
    button = QPushButton("0", window)
    button.show()
    button.clicked.connect(lambda: button.setText(f"{int(button.text()) + 1}"))
    answered = FrameTimer(window, is_live=is_live)
    pause(SETTLE)
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, press in _all(window):
            times.setdefault(name, []).append(answered.after(press))
            times.setdefault(EMPTY, []).append(answered.after(button.click))
    answered.end()
    button.deleteLater()
    return times


def _all(window: MainWindow) -> Iterator[Press]:
    """Yield everything that can be pressed now: tabs and actions; what changes how the lab looks is pressed back."""
    for spec in PANELS:
        yield f"tab {spec.key}", lambda key=spec.key: window.docks.show_panel(key)  # type: ignore[misc]
    for key, action in window.commands.items():
        if key not in LEFT_OUT and action.isEnabled():
            yield key, action.trigger
            if key in ("theme", "language"):
                yield key, action.trigger


def _figures(when: str, times: Mapping[str, list[float]]) -> Iterator[Figure]:
    """Yield the 95th percentile and the longest of every press, beside those of the empty button."""
    empty = times[EMPTY]
    pressed = {name: taken for name, taken in times.items() if name != EMPTY}
    everything = [taken for row in pressed.values() for taken in row]
    slow = sorted(pressed, key=lambda name: -max(pressed[name]))[:5]
    slowest = ", ".join(f"{name} {max(pressed[name]):.0f}" for name in slow)
    usual, longest = GOALS[when]
    platform = QGuiApplication.platformName()
    how = f"{len(everything)} presses of {len(pressed)} kinds, 1280x800, Qt platform {platform!r}; slowest: {slowest}"
    late, worst = float(np.percentile(everything, 95)), max(everything)
    yield at_most(f"{when}: p95", late, "ms", usual, how).beside(float(np.percentile(empty, 95)), EMPTY)
    yield at_most(f"{when}: longest", worst, "ms", longest, how).beside(max(empty), EMPTY)
