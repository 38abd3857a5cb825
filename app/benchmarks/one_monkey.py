"""One random user of the window while the agent learns, in a subprocess.

    python -m app.benchmarks.one_monkey SEED EVENTS FOLDER

Prints one JSON object. Ends with an error, and every thread's stack on stderr, after ten seconds without an
interaction; on a machine with a higher load than processors, after proportionally longer.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import os
import sys
from pathlib import Path
from time import monotonic

import psutil
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from agents.store.run_store import RunStore
from app.benchmarks.opened_window import prepared, save_houses, show_until_learning, wait_until
from app.benchmarks.random_person import EXCLUDED, RandomPerson, script
from app.diagnostics.crashes import ExceptionHooks
from app.diagnostics.log_file import LogFile, log_qt_messages
from app.process.gc_scheduler import GCScheduler
from app.window.main_window import MainWindow

TIMEOUT, START_TIMEOUT = 10, 120
"""Seconds without an interaction after which a window counts as hung; and of opening or closing it."""
STEPS = 500_000
"""Steps of each stage; more than are executed during the test."""
SMALL = {"learning": {"n_envs": 8, "n_steps": 8}, "evaluation": {"n_eval_episodes": 4}}


class ErrorLog(logging.Handler):
    """Collects errors and tracebacks from the log."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.activity = "opening the lab"
        """The last interaction, as context of an error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Store a record that is an error or has a traceback."""
        if record.levelno >= logging.ERROR or record.exc_info:
            self.lines.append(f"{self.activity}: {logging.Formatter().format(record)}")


class IdleTimeout:
    """Ends the process if the interactions stop, and records the longest time between two of them."""

    def __init__(self, errors: ErrorLog) -> None:
        self.longest, self.slowest, self._last, self._errors = 0.0, "", monotonic(), errors

    def reset(self, interaction: str) -> None:
        """Restart the timeout after an interaction."""
        now, self._errors.activity = monotonic(), interaction
        if now - self._last > self.longest:
            self.longest, self.slowest = now - self._last, interaction
        self._last = now
        faulthandler.dump_traceback_later(TIMEOUT * _load(), exit=True)


def main(seed: int, events: int, folder: Path) -> int:
    """Run the random user of a seed; return the exit code."""
    os.chdir(folder)
    log_qt_messages()
    application = QApplication(sys.argv[:1])
    QApplication.setQuitOnLastWindowClosed(False)
    errors, hooks = ErrorLog(), ExceptionHooks()
    faulthandler.dump_traceback_later(START_TIMEOUT, exit=True)
    logging.getLogger().addHandler(errors)
    window, log = _open(folder)
    _cancel_file_dialogs()
    timeout = IdleTimeout(errors)
    person = RandomPerson(window, script(seed, events), timeout.reset)
    person.start()
    wait_until(lambda: person.is_over and not QApplication.activeModalWidget(), every=100)
    person.deleteLater()
    errors.activity = "closing the lab"
    faulthandler.dump_traceback_later(START_TIMEOUT, exit=True)
    _close(window, application)
    faulthandler.cancel_dump_traceback_later()
    hooks.end()
    log.close()
    steps = sum(run.story().step for run in RunStore(folder / "runs"))
    found = {"events": person.done, "steps": steps, "errors": errors.lines}
    print(json.dumps({**found, "longest": timeout.longest, "slowest": timeout.slowest}))
    return 0


def _open(folder: Path) -> tuple[MainWindow, LogFile]:
    """Open the lab with a long curriculum, and wait until it learns."""
    window, log = prepared(folder, str(save_houses(folder, STEPS, **SMALL)), "--start")
    for key in EXCLUDED:
        window.commands[key].setEnabled(False)
    show_until_learning(window)
    return window, log


def _load() -> float:
    """Return the load of this machine relative to its processors, at least 1."""
    return max(psutil.getloadavg()[0] / (psutil.cpu_count() or 1), 1.0)


def _cancel_file_dialogs() -> None:
    """Make every file dialog return as if cancelled: they can delete and rename files."""
    for name in ("getOpenFileName", "getSaveFileName"):
        setattr(QFileDialog, name, lambda *_, **__: ("", ""))
    QFileDialog.getExistingDirectory = lambda *_, **__: ""  # type: ignore[method-assign]


def _close(window: MainWindow, application: QApplication) -> None:
    """Close the window without saving anything."""
    session = window.session
    session.reset()
    session.curriculum.mark_saved()
    if not window.close():
        raise RuntimeError("the window would not close")
    garbage = session.findChild(GCScheduler)
    if garbage is not None:
        garbage.end()
    window.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    session.deleteLater()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
