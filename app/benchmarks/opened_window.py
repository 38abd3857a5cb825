"""Open the window for a measurement, and wait in its event loop."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from time import monotonic
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QTimer, SignalInstance
from PySide6.QtWidgets import QApplication

from agents.config import RunConfig
from agents.config.config_file import save
from app.benchmarks.screen import find_screen
from app.diagnostics.log_file import LogFile
from app.process.application import create_window, parse
from app.window.main_window import MainWindow
from app.window.panels import PANELS
from app.window.settings import Settings
from envs.curriculum import Stage

PANEL_INTERVAL = 4_000
"""Milliseconds between two panels of `cycle_panels`."""


def prepared(folder: Path, *arguments: str) -> tuple[MainWindow, LogFile]:
    """Return a window in English that is not shown yet, and its log; all its files are in `folder`."""
    log = LogFile(folder / "log")
    options = parse([*arguments, "--runs", str(folder / "runs"), "--language", "en"])
    return create_window(options, Settings(folder / "settings"), log), log


@contextmanager
def opened(folder: Path, *arguments: str) -> Iterator[MainWindow]:
    """Yield such a window; close and delete it afterwards. Without a display, it is rendered into memory."""
    find_screen()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    window, log = prepared(folder, *arguments)
    try:
        yield window
    finally:
        log.close()
        window.end()
        window.deleteLater()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def save_houses(folder: Path, steps: int, **settings: Mapping[str, Any]) -> Path:
    """Write a curriculum of two houses with `steps` steps each, which outlasts a measurement; return its path."""
    stages = tuple(Stage(task=task, steps=steps) for task in ("household/go-to", "mirror/go-to"))
    save(folder / "houses.toml", RunConfig.model_validate({"name": "Houses", "stages": stages, **settings}))
    return folder / "houses.toml"


def show_until_learning(window: MainWindow) -> None:
    """Show a window that was opened with `--start`, and wait for the first steps of its run."""
    window.show()
    wait_until(lambda: window.session.story is not None and window.session.story.step > 0)


def cycle_panels(window: MainWindow) -> QTimer:
    """Bring another panel to the front every `PANEL_INTERVAL`; return the running timer."""
    keys = cycle(spec.key for spec in PANELS)
    timer = QTimer(window, interval=PANEL_INTERVAL)
    timer.timeout.connect(lambda: window.docks.show_panel(next(keys)))
    timer.start()
    return timer


def show_until_watched(window: MainWindow) -> None:
    """Show a window, and wait for the first frame of the watched agent, which needs Torch."""
    wait_for(window.session.watching.framed, window.show)


def wait_for(signal: SignalInstance, act: Callable[[], object]) -> None:
    """Call `act`, and run the event loop until `signal` is emitted."""
    loop = QEventLoop()
    signal.connect(loop.quit)
    act()
    loop.exec()
    signal.disconnect(loop.quit)


def wait_until(condition: Callable[[], bool], seconds: float = float("inf"), every: int = 20) -> None:
    """Run the event loop until `condition()`, checked every `every` milliseconds, or for `seconds`."""
    loop, timer, end = QEventLoop(), QTimer(interval=every), monotonic() + seconds
    timer.timeout.connect(lambda: loop.quit() if condition() or monotonic() > end else None)
    timer.start()
    loop.exec()
    timer.stop()


def pause(milliseconds: int) -> None:
    """Run the event loop for `milliseconds`."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
