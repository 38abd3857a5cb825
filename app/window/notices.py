"""Notices over the panels, removed once their reason is gone."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.session.notice import Cause, Notice
from app.session.session import Session
from widgets.shell.notice_bar import NoticeBar


class Notices(QObject):
    """Shows the session's notices in a bar."""

    def __init__(self, session: Session, bar: NoticeBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._cause: Cause = ""
        session.noticed.connect(self._show)
        session.state_changed.connect(self._clear_run_notice)
        session.leaving.connect(self._clear_run_notice)
        session.curriculum.changed.connect(self._clear_plan_notice)
        session.curriculum.configured.connect(self._clear_plan_notice)

    def _show(self, notice: Notice) -> None:
        self._cause = notice.cause
        self._bar.show_text(notice.text, is_problem=notice.is_problem)

    def _clear_run_notice(self) -> None:
        self._clear("run")

    def _clear_plan_notice(self) -> None:
        self._clear("plan")

    def _clear(self, cause: Cause) -> None:
        if self._cause == cause:
            self._cause = ""
            self._bar.hide()
