"""Open the window for a measurement, wait in its event loop, and delete it afterwards."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QEvent, QEventLoop, QTimer, SignalInstance
from PySide6.QtWidgets import QApplication

from app.benchmarks.screen import find_screen
from app.diagnostics.log_file import LogFile
from app.process.application import parse, prepare
from app.window.main_window import MainWindow
from app.window.settings import Settings


def prepared(folder: Path, *arguments: str) -> tuple[MainWindow, LogFile]:
    """Return a window in English that was not shown yet, and its log; all its files lie in `folder`."""
    log = LogFile(folder / "log")
    asked = parse([*arguments, "--runs", str(folder / "runs"), "--language", "en"])
    return prepare(asked, Settings(folder / "settings"), log), log


@contextmanager
def opened(folder: Path, *arguments: str) -> Iterator[MainWindow]:
    """Yield such a window; close and delete it afterwards. Without a display, it is drawn into memory."""
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


def show_until_watched(window: MainWindow) -> None:
    """Show a window, and wait until Torch is loaded and the agent can be watched."""
    wait_for(window.session.watching.framed, window.show)


def wait_for(signal: SignalInstance, act: Callable[[], object]) -> None:
    """Act, and run the event loop until a signal is emitted."""
    loop = QEventLoop()
    signal.connect(loop.quit)
    act()
    loop.exec()
    signal.disconnect(loop.quit)


def wait_until(done: Callable[[], bool], seconds: float = float("inf"), every: int = 20) -> None:
    """Run the event loop until something is so, asking once in `every` milliseconds, for `seconds` at most."""
    loop, timer, end = QEventLoop(), QTimer(interval=every), monotonic() + seconds
    timer.timeout.connect(lambda: loop.quit() if done() or monotonic() > end else None)
    timer.start()
    loop.exec()
    timer.stop()


def pause(milliseconds: int) -> None:
    """Run the event loop for so long."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
