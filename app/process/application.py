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
from app.diagnostics.log_file import LogFile, log_qt_messages
from app.process.gc_scheduler import GCScheduler
from app.process.guard import ErrorGuard
from app.process.heap_trim import HeapTrimAfterRuns
from app.process.startup_timer import StartupTimer
from app.session.session import Session
from app.window.appearance import Appearance
from app.window.connections import open_window
from app.window.main_window import MainWindow
from app.window.settings import Settings
from widgets.style.catalogue import LANGUAGES
from widgets.style.theme import THEMES

SWITCH_INTERVAL = 0.0005
"""Python's switch interval in seconds: how soon a busy thread must release the GIL to the window's thread."""


def main(arguments: list[str]) -> int:
    """Open the window, run the event loop until it is closed, and return the exit code."""
    options = parse(arguments)
    log_qt_messages()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Palimpsest")
    log = LogFile()
    guard = ErrorGuard(log.folder)
    window = create_window(options, Settings(), log)
    window.painted.connect(partial(guard.watch, window.session))
    window.show()
    _close_on_interrupt(window)
    code = application.exec()
    if not window.all_ended:
        guard.end()
        log.close()
        exit_process(code)
    window.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # delete the window before its session
    guard.end()
    log.close()
    return code


def exit_process(code: int) -> NoReturn:
    """Exit with `code` although threads hang; a normal exit would wait for them, and Qt would abort."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def create_window(options: argparse.Namespace, settings: Settings, log: LogFile) -> MainWindow:
    """Create the main window for these options; the viewer and the run library start after its first paint."""
    share_one_heap()
    sys.setswitchinterval(SWITCH_INTERVAL)
    appearance = Appearance(settings)
    appearance.begin(options.theme, options.language)
    session = Session(options.runs or default_root(), dark=appearance.is_dark)
    GCScheduler(session)
    HeapTrimAfterRuns(session)
    window = open_window(session, settings, appearance, log)
    if options.size:
        window.resize(*options.size)
    is_archive = (options.file or "").lower().endswith(SUFFIX)
    window.documents.begin(None if is_archive else options.file)
    if is_archive:  # importing an agent opens a dialog, which needs a visible parent
        window.painted.connect(partial(window.documents.open_path, Path(options.file)))
    window.painted.connect(session.watching.start)
    window.painted.connect(session.run_library.refresh)
    window.painted.connect(session.run_library.sweep)
    if options.start:
        window.painted.connect(session.play_or_pause)
    if os.environ.get("PALIMPSEST_STOPWATCH"):
        StartupTimer(window)
    return window


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line of the window."""
    return _parser().parse_args(arguments)


def parse_size(text: str) -> tuple[int, int]:
    """Parse a size in pixels, such as 1280x800. Raises ValueError."""
    width, _, height = text.partition("x")
    return int(width), int(height)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="palimpsest", description="Open the lab's window.")
    parser.add_argument("file", nargs="?", help="a curriculum (a file or a name), or a .palimpsest file")
    parser.add_argument("--start", action="store_true", help="start the run at once")
    parser.add_argument("--runs", type=Path, metavar="DIR", help="folder of the stored runs")
    parser.add_argument("--theme", choices=tuple(THEMES))
    parser.add_argument("--language", choices=tuple(LANGUAGES))
    parser.add_argument("--size", type=parse_size, metavar="WIDTHxHEIGHT")
    return parser


def _close_on_interrupt(window: MainWindow) -> None:
    """Close the window on Ctrl+C. Python handles signals only while it executes, so a timer calls into it."""
    signal.signal(signal.SIGINT, lambda *_: window.close())
    timer = QTimer(window, interval=250)
    timer.timeout.connect(_run_python)
    timer.start()


def _run_python() -> None:
    """Do nothing; the call alone lets Python handle pending signals."""
