"""Start the Qt application and open the main window."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication

from agents.runtime.heap_trim import share_one_heap
from agents.sharing.archive_limits import SUFFIX
from agents.store.run_store import default_root
from app.diagnostics.log_file import LogFile, hear_qt
from app.process.gc_scheduler import GCScheduler
from app.process.guard import Guard
from app.process.heap_trim import HeapTrimAfterRuns
from app.process.startup_timer import StartupTimer
from app.session.session import Session
from app.window.appearance import Appearance
from app.window.connections import open_window
from app.window.main_window import MainWindow
from app.window.settings import Settings
from widgets.style.catalogue import LANGUAGES
from widgets.style.theme import THEMES

SWITCH = 0.0005
"""Seconds after which a busy thread lets the window's thread have its turn."""


def main(arguments: list[str]) -> int:
    """Open the window, live until it is closed, and return the exit code."""
    asked = read(arguments)
    hear_qt()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Palimpsest")
    log = LogFile()
    guard = Guard(log.folder)
    window = prepare(asked, Settings(), log)
    window.painted.connect(partial(guard.stand_by, window.session))
    window.show()
    _obey_interrupts(window)
    code = application.exec()
    if not window.all_ended:
        guard.end()
        log.close()
        leave(code)
    window.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the window goes before the session that it shows
    guard.end()
    log.close()
    return code


def leave(code: int) -> NoReturn:
    """End the process with threads that hang: Python would wait for them, and Qt would call it a crash."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def prepare(asked: argparse.Namespace, settings: Settings, log: LogFile) -> MainWindow:
    """Return the window that was asked for; once it is shown and painted, it comes to life."""
    share_one_heap()
    sys.setswitchinterval(SWITCH)
    looks = Appearance(settings)
    looks.begin(asked.theme, asked.language)
    session = Session(asked.runs or default_root(), dark=looks.is_dark)
    GCScheduler(session)
    HeapTrimAfterRuns(session)
    window = open_window(session, settings, looks, log)
    if asked.size:
        window.resize(*asked.size)
    is_packed = (asked.file or "").lower().endswith(SUFFIX)
    window.documents.begin(None if is_packed else asked.file)
    if is_packed:  # an agent brings a dialog along, which wants a window to stand on
        window.painted.connect(partial(window.documents.open_path, Path(asked.file)))
    window.painted.connect(session.watching.start)
    window.painted.connect(session.run_library.refresh)
    window.painted.connect(session.run_library.sweep)
    if asked.start:
        window.painted.connect(session.play_or_pause)
    if os.environ.get("PALIMPSEST_STOPWATCH"):
        StartupTimer(window)
    return window


def read(arguments: list[str]) -> argparse.Namespace:
    """Read what the window is asked for on the command line."""
    return _parser().parse_args(arguments)


def size(text: str) -> tuple[int, int]:
    """Read a size such as 1280x800."""
    width, _, height = text.partition("x")
    return int(width), int(height)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="palimpsest", description="Open the lab's window.")
    parser.add_argument("file", nargs="?", help="a curriculum, by its file or its name, or a .palimpsest file")
    parser.add_argument("--start", action="store_true", help="begin the curriculum at once")
    parser.add_argument("--runs", type=Path, metavar="DIR", help="where runs are stored")
    parser.add_argument("--theme", choices=tuple(THEMES))
    parser.add_argument("--language", choices=tuple(LANGUAGES))
    parser.add_argument("--size", type=size, metavar="WIDTHxHEIGHT")
    return parser


def _obey_interrupts(window: MainWindow) -> None:
    """Close the window on Ctrl+C. Python sees a signal only when it runs, so a timer lets it run."""
    signal.signal(signal.SIGINT, lambda *_: window.close())
    timer = QTimer(window, interval=250)
    timer.timeout.connect(_let_python_run)
    timer.start()


def _let_python_run() -> None:
    """Nothing to do: it is enough that Python was called."""
