"""One random user of the window while the agent learns, in a subprocess.

    python -m app.benchmarks.one_monkey SEED EVENTS FOLDER

Prints one JSON object. Ends with an error, and every thread's stack on stderr, after ten seconds in
which nothing could be done; on a machine that others keep busy, after as many times longer.
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

from agents.config import RunConfig
from agents.config.config_file import save
from agents.store.run_store import RunStore
from app.benchmarks.opened_window import prepared, wait_until
from app.benchmarks.random_person import SPARED, RandomPerson, script
from app.diagnostics.crashes import ExceptionHooks
from app.diagnostics.log_file import LogFile, log_qt_messages
from app.process.gc_scheduler import GCScheduler
from app.window.main_window import MainWindow
from envs.curriculum import Stage

PATIENCE, STARTING = 10, 120
"""Seconds without an answer after which a window counts as hung, on a machine of its own; while it opens, more."""
SMALL = {"learning": {"n_envs": 8, "n_steps": 8}, "evaluation": {"n_eval_episodes": 4}}


class Errors(logging.Handler):
    """Keeps what a log must not hold."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.doing = "opening the lab"
        """What was done last."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep errors, and whatever comes with a traceback."""
        if record.levelno >= logging.ERROR or record.exc_info:
            self.lines.append(f"{self.doing}: {logging.Formatter().format(record)}")


class IdleTimeout:
    """Ends the process when nobody beats for too long, and knows the longest time between two beats."""

    def __init__(self, errors: Errors) -> None:
        self.longest, self.slowest, self._last, self._errors = 0.0, "", monotonic(), errors

    def beat(self, deed: str) -> None:
        """All is well; this is what was done last."""
        now, self._errors.doing = monotonic(), deed
        if now - self._last > self.longest:
            self.longest, self.slowest = now - self._last, deed
        self._last = now
        faulthandler.dump_traceback_later(PATIENCE * _crowd(), exit=True)


def main(seed: int, events: int, folder: Path) -> int:
    """Let a person of this seed loose; return the exit code."""
    os.chdir(folder)
    log_qt_messages()
    application = QApplication(sys.argv[:1])
    QApplication.setQuitOnLastWindowClosed(False)
    errors, hooks = Errors(), ExceptionHooks()
    faulthandler.dump_traceback_later(STARTING, exit=True)
    logging.getLogger().addHandler(errors)
    window, log = _open(folder)
    _no_file_dialogs()
    clock = IdleTimeout(errors)
    person = RandomPerson(window, script(seed, events), clock.beat)
    person.start()
    wait_until(lambda: person.is_over and not QApplication.activeModalWidget(), every=100)
    person.deleteLater()
    errors.doing = "closing the lab"
    faulthandler.dump_traceback_later(STARTING, exit=True)
    _close(window, application)
    faulthandler.cancel_dump_traceback_later()
    hooks.end()
    log.close()
    steps = sum(run.story().step for run in RunStore(folder / "runs"))
    found = {"events": person.done, "steps": steps, "errors": errors.lines}
    print(json.dumps({**found, "longest": clock.longest, "slowest": clock.slowest}))
    return 0


def _open(folder: Path) -> tuple[MainWindow, LogFile]:
    """Open the lab with a curriculum that nobody comes to the end of, and wait until it learns."""
    stages = (Stage(task="household/go-to", steps=500_000), Stage(task="mirror/go-to", steps=500_000))
    save(folder / "houses.toml", RunConfig.model_validate({"name": "Houses", "stages": stages, **SMALL}))
    window, log = prepared(folder, str(folder / "houses.toml"), "--start")
    for key in SPARED:
        window.commands[key].setEnabled(False)
    window.show()
    wait_until(lambda: window.session.story is not None and window.session.story.step > 0)
    return window, log


def _crowd() -> float:
    """Return how many times longer everything takes because others use this machine, too."""
    return max(psutil.getloadavg()[0] / (psutil.cpu_count() or 1), 1.0)


def _no_file_dialogs() -> None:
    """Answer every question for a file with "cancel": those dialogs can delete and rename files."""
    for name in ("getOpenFileName", "getSaveFileName"):
        setattr(QFileDialog, name, lambda *_, **__: ("", ""))
    QFileDialog.getExistingDirectory = lambda *_, **__: ""  # type: ignore[method-assign]


def _close(window: MainWindow, application: QApplication) -> None:
    """Close as a person would who wants to keep nothing."""
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
