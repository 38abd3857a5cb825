"""Offer to resume a run after a crash, an error or a hung environment."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from PySide6.QtCore import QObject

from app.session.resume import go_on, go_on_without, restart
from app.session.session import Session
from app.window.settings import Settings
from widgets.shell.notice_bar import NoticeBar
from widgets.style.translation import tr
from widgets.views.run_row import RunRow

LATELY = 24 * 3600
"""Seconds since a run was cut off in which it is worth being offered."""
log = logging.getLogger("palimpsest")


class ResumeOffers(QObject):
    """Shows a bar with two buttons; what was declined is not offered again."""

    def __init__(self, session: Session, settings: Settings, bar: NoticeBar) -> None:
        super().__init__(bar)
        self._session, self._settings, self._bar = session, settings, bar
        self._offered: Path | None = None
        self._is_first = True
        self._hung = ""
        """The world that hangs, by its Gymnasium id."""
        bar.answered.connect(self._answer)
        session.broken.connect(self._offer_broken)
        session.state_changed.connect(self._withdraw)
        session.run_library.listed.connect(self._look)
        session.live_run.stalled.connect(self._offer_restart)
        session.live_run.recovered.connect(self._take_back)

    def _look(self, rows: tuple[RunRow, ...]) -> None:
        """Offer what the last start left behind, once the runs are listed for the first time."""
        first, self._is_first = self._is_first, False
        if not first or self._session.is_live:
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
        life, self._offered = self._session.live_run, None
        choices = {"restart": tr("Go on from the last checkpoint")} if life.folder is not None else {}
        self._hung = life.hung_world
        if self._hung:
            choices["without"] = tr("Go on without it")
        self._bar.offer(text, {**choices, "": tr("Wait")}, is_problem=True)

    def _offer(self, folder: Path, text: str) -> None:
        self._offered = folder
        self._bar.offer(text, {"go on": tr("Go on"), "later": tr("Not now")})

    def _answer(self, key: str) -> None:
        folder, self._offered = self._offered, None
        if key == "restart":
            restart(self._session)
        elif key == "without":
            go_on_without(self._session, self._hung)
        elif key == "go on" and folder is not None:
            go_on(self._session, folder)
        elif folder is not None:
            self._settings.decline(folder.name)

    def _withdraw(self, state: str) -> None:
        """Offer nothing any more once a run is begun, or is no longer there."""
        if state in ("preparing", "running", "idle"):
            self._take_back()

    def _take_back(self) -> None:
        self._offered = None
        self._bar.hide()


def _is_recent(folder: Path) -> bool:
    # not the journal: whoever reads the run touches it
    written = (folder / name for name in ("meta.json", "events.sqlite", "checkpoints", "states"))
    newest = max((path.stat().st_mtime for path in written if path.exists()), default=0.0)
    return time.time() - newest < LATELY
