"""Save a picture of a stored run without opening a window: one panel, or the whole window."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QEventLoop, QTimer, SignalInstance
from PySide6.QtWidgets import QApplication, QWidget

from agents.errors import BadInput
from agents.store.run import Run
from app.diagnostics.log_file import LogFile, log_qt_messages
from app.session.session import Session
from app.window.appearance import Appearance
from app.window.connections import open_window
from app.window.main_window import MainWindow
from app.window.panels import BY_KEY
from app.window.settings import Settings
from envs.task import suggestion
from widgets.style.catalogue import LANGUAGES
from widgets.style.theme import THEMES

TIMEOUT = 20_000
"""Milliseconds to wait for the agent's first picture; after that the live view shows a message instead."""
SETTLE_TIME = 400
"""Milliseconds in which panels finish delayed redraws."""


def take(
    path: Path,
    *,
    run: Run,
    panel: str | None = None,
    theme: str = "dark",
    language: str = "en",
    size: tuple[int, int] = (1440, 900),
) -> Path:
    """Save a picture of `run` as a PNG file, and return its path. Raises `BadInput`.

    `panel` is a key of the PANELS table; None for the whole window. `size` is in pixels, and
    not less than the window's minimum size.
    """
    for kind, value, known in (("panel", panel, BY_KEY), ("theme", theme, THEMES), ("language", language, LANGUAGES)):
        if value is not None and value not in known:
            raise BadInput(f"unknown {kind} {value!r}{suggestion(value, known)}")
    if path.suffix.lower() != ".png":
        raise BadInput(f"{path}: a screenshot is a PNG file; let the name end in .png")
    # rendering to a file needs no display
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    log_qt_messages()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        log = LogFile(Path(folder))
        window = _open(run, Settings(Path(folder)), log, theme, language)
        try:
            saved = _prepare_target(window, panel, size).grab().save(str(path))
        finally:
            window.close()
            window.deleteLater()
            log.close()
            application.processEvents()
    if not saved:
        raise BadInput(f"{path}: cannot be written; choose another folder")
    return path


def _open(run: Run, settings: Settings, log: LogFile, theme: str, language: str) -> MainWindow:
    appearance = Appearance(settings)
    appearance.begin(theme, language)
    session = Session(run.folder.parent, dark=appearance.is_dark)
    window = open_window(session, settings, appearance, log)
    session.setParent(window)
    _wait(session.run_library.loaded, session.run_library.failed, lambda: session.open_run(run.folder))
    return window


def _prepare_target(window: MainWindow, panel: str | None, size: tuple[int, int]) -> QWidget:
    """Show the window, wait for its content, and return the widget to render."""
    target: QWidget = window
    window.resize(*size)
    window.show()
    if panel is not None:
        card = window.docks.cards[panel]
        # a panel is drawn only once it has been on top
        window.docks.show_panel(panel)
        QApplication.processEvents()
        card.setFloating(True)
        card.resize(*size)
        card.show()
        target = card
    session = window.session
    watching = session.watching
    if panel in (None, "now", "why"):
        _wait(watching.reasoned if panel == "why" else watching.framed, watching.failed, watching.start)
    if panel == "runs":
        _wait(session.run_library.listed, session.run_library.failed, session.run_library.refresh)
    _settle()
    if focused := target.focusWidget():
        focused.clearFocus()
    return target


def _wait(succeeded: SignalInstance, failed: SignalInstance, start: Callable[[], None]) -> None:
    """Call `start`, and wait for one of the two signals, at most `TIMEOUT`."""
    loop = QEventLoop()
    succeeded.connect(loop.quit)
    failed.connect(loop.quit)
    timer = QTimer(loop, singleShot=True, interval=TIMEOUT)
    timer.timeout.connect(loop.quit)
    timer.start()
    QTimer.singleShot(0, loop, start)
    loop.exec()
    timer.stop()
    succeeded.disconnect(loop.quit)
    failed.disconnect(loop.quit)


def _settle() -> None:
    until = QDeadlineTimer(SETTLE_TIME)
    while not until.hasExpired():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
