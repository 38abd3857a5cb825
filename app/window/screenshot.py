"""Paint a stored run to a file without opening a window: one panel or all."""

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
from app.diagnostics.log_file import LogFile, hear_qt
from app.session.session import Session
from app.window.appearance import Appearance
from app.window.connections import open_window
from app.window.main_window import MainWindow
from app.window.panels import BY_KEY
from app.window.settings import Settings
from envs.task import suggestion
from widgets.style.catalogue import LANGUAGES
from widgets.style.theme import THEMES

PATIENCE = 20_000
"""Milliseconds to wait for the agent's first picture; without it the live view says what is missing."""
SETTLE = 400
"""Milliseconds in which panels finish what they put off."""


def take(
    path: Path,
    *,
    run: Run,
    panel: str | None = None,
    theme: str = "dark",
    language: str = "en",
    size: tuple[int, int] = (1440, 900),
) -> Path:
    """Save a picture of `run` as a PNG file and return where. Raises `BadInput` where that can't be done.

    `panel` is a key of the PANELS table; None pictures the whole window, which is never
    smaller than it can be made by hand.
    """
    for kind, given, known in (("panel", panel, BY_KEY), ("theme", theme, THEMES), ("language", language, LANGUAGES)):
        if given is not None and given not in known:
            raise BadInput(f"unknown {kind} {given!r}{suggestion(given, known)}")
    if path.suffix.lower() != ".png":
        raise BadInput(f"{path}: a screenshot is a PNG file; let the name end in .png")
    # what is rendered for a file needs no screen
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    hear_qt()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        log = LogFile(Path(folder))
        window = _open(run, Settings(Path(folder)), log, theme, language)
        try:
            saved = _picture(window, panel, size).grab().save(str(path))
        finally:
            window.close()
            window.deleteLater()
            log.close()
            application.processEvents()
    if not saved:
        raise BadInput(f"{path}: cannot be written; choose another place")
    return path


def _open(run: Run, settings: Settings, log: LogFile, theme: str, language: str) -> MainWindow:
    appearance = Appearance(settings)
    appearance.begin(theme, language)
    session = Session(run.folder.parent, dark=appearance.is_dark)
    window = open_window(session, settings, appearance, log)
    session.setParent(window)
    _wait(session.run_library.loaded, session.run_library.failed, lambda: session.open_run(run.folder))
    return window


def _picture(window: MainWindow, panel: str | None, size: tuple[int, int]) -> QWidget:
    """Show the window, wait until it has something to show, and return what is to be pictured."""
    wanted: QWidget = window
    window.resize(*size)
    window.show()
    if panel is not None:
        card = window.docks.cards[panel]
        # only what was on top counts as seen, and only what is seen is drawn
        window.docks.bring(panel)
        QApplication.processEvents()
        card.setFloating(True)
        card.resize(*size)
        card.show()
        wanted = card
    session = window.session
    watching = session.watching
    if panel in (None, "now", "why"):
        _wait(watching.reasoned if panel == "why" else watching.framed, watching.failed, watching.start)
    if panel == "runs":
        _wait(session.run_library.listed, session.run_library.failed, session.run_library.refresh)
    _settle()
    if focused := wanted.focusWidget():
        focused.clearFocus()
    return wanted


def _wait(good: SignalInstance, bad: SignalInstance, begin: Callable[[], None]) -> None:
    """Begin something, and wait until it signals that it is done, or has failed."""
    loop = QEventLoop()
    good.connect(loop.quit)
    bad.connect(loop.quit)
    patience = QTimer(loop, singleShot=True, interval=PATIENCE)
    patience.timeout.connect(loop.quit)
    patience.start()
    QTimer.singleShot(0, loop, begin)
    loop.exec()
    patience.stop()
    good.disconnect(loop.quit)
    bad.disconnect(loop.quit)


def _settle() -> None:
    until = QDeadlineTimer(SETTLE)
    while not until.hasExpired():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
