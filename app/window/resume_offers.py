"""Offer to resume a run after a crash, an error or a hung environment."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from PySide6.QtCore import QObject

from app.session.resume import restart, resume_run, resume_without
from app.session.session import Session
from app.window.settings import Settings
from widgets.shell.notice_bar import NoticeBar
from widgets.style.translation import tr
from widgets.views.run_row import RunRow

MAX_AGE = 24 * 3600
"""Seconds after an interruption in which a run is offered."""
log = logging.getLogger("palimpsest")


class ResumeOffers(QObject):
    """Offers to resume a run in a bar; a declined run is not offered again."""

    def __init__(self, session: Session, settings: Settings, bar: NoticeBar) -> None:
        super().__init__(bar)
        self._session, self._settings, self._bar = session, settings, bar
        self._offered: Path | None = None
        self._is_first = True
        self._hung = ""
        """Gymnasium id of the world that hangs."""
        bar.answered.connect(self._answer)
        session.broken.connect(self._offer_broken)
        session.state_changed.connect(self._withdraw)
        session.run_library.listed.connect(self._offer_interrupted)
        session.live_run.stalled.connect(self._offer_restart)
        session.live_run.recovered.connect(self._hide)

    def _offer_interrupted(self, rows: tuple[RunRow, ...]) -> None:
        """Offer a run that was interrupted, once the runs are listed for the first time."""
        is_first, self._is_first = self._is_first, False
        if not is_first or self._session.is_live:
            return
        for row in rows[:1]:
            declined = row.folder.name in self._settings.declined
            if row.state == "interrupted" and row.steps and not declined and _is_recent(row.folder):
                text = tr("‘{run}’ was interrupted at step {step}.", run=row.name, step=f"{row.steps:,}")
                self._offer(row.folder, text)

    def _offer_broken(self, folder: Path) -> None:
        text = tr("The run was ended by an error. What it had learned is stored.")
        self._offer(folder, text)

    def _offer_restart(self, text: str) -> None:
        log.warning(text)
        live_run, self._offered = self._session.live_run, None
        choices = {"restart": tr("Go on from the last checkpoint")} if live_run.folder is not None else {}
        self._hung = live_run.hung_world
        if self._hung:
            choices["without"] = tr("Go on without it")
        self._bar.offer(text, {**choices, "": tr("Wait")}, is_problem=True)

    def _offer(self, folder: Path, text: str) -> None:
        self._offered = folder
        self._bar.offer(text, {"resume": tr("Go on"), "later": tr("Not now")})

    def _answer(self, key: str) -> None:
        folder, self._offered = self._offered, None
        if key == "restart":
            restart(self._session)
        elif key == "without":
            resume_without(self._session, self._hung)
        elif key == "resume" and folder is not None:
            resume_run(self._session, folder)
        elif folder is not None:
            self._settings.decline(folder.name)

    def _withdraw(self, state: str) -> None:
        """Hide the offer once a run has been started or reset."""
        if state in ("preparing", "running", "idle"):
            self._hide()

    def _hide(self) -> None:
        self._offered = None
        self._bar.hide()


def _is_recent(folder: Path) -> bool:
    # not the journal of the database: reading the run changes its time
    written = (folder / name for name in ("meta.json", "events.sqlite", "checkpoints", "states"))
    newest = max((path.stat().st_mtime for path in written if path.exists()), default=0.0)
    return time.time() - newest < MAX_AGE
