"""Dialogs about stored runs: fork and rename."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from agents.story.live_config import live_config
from app.runs.preparation import ForkOptions
from app.runs.run_library import StoredRun, read_run
from app.session.resume import fork
from app.session.session import Session
from widgets.curriculum.plan import planned
from widgets.requests import DescribeRun, ForkFrom
from widgets.runs.fork_dialog import ForkDialog, Parting
from widgets.runs.label_dialog import LabelDialog
from widgets.style.translation import tr


class RunDialogs(QObject):
    """Opens the dialogs that fork and describe runs, and executes the result.

    Signals:
        read: a `ForkFrom`, and its `StoredRun`, once that has been read from disk.
    """

    read = Signal(object, object)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self.read.connect(self._ask)

    def fork_here(self) -> None:
        """Fork the displayed run at the playhead."""
        self.fork(ForkFrom())

    def fork(self, request: ForkFrom) -> None:
        """Ask for the options of a fork, and start it."""
        session = self._session
        folder = request.folder or session.folder
        if folder is None:
            session.notice(tr("There is no run to fork yet. Press play first."), cause="run")
            return
        if folder != session.folder:
            session.run_library.send(lambda: self.read.emit(request, read_run(folder)))  # a long story takes a second
        elif session.story is not None:
            self._ask(request, StoredRun(folder, session.name, session.story))

    def _ask(self, request: ForkFrom, run: StoredRun) -> None:
        fork_point = self._fork_point(run, request.step)
        dialog = ForkDialog(fork_point, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            stages = self._session.curriculum.stages if dialog.takes_plan else None
            fork(self._session, run.folder, ForkOptions(dialog.step, dialog.changes, stages, dialog.name))
        dialog.deleteLater()

    def describe(self, request: DescribeRun) -> None:
        """Ask for the name, tags and note of a stored run, and store them."""
        row = self._session.run_library.row(request.folder)
        if row is None:
            return
        dialog = LabelDialog(row, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._session.run_library.describe(request.folder, dialog.name, dialog.tags, dialog.note)
            self._rename(request.folder, dialog.name or row.name)
        dialog.deleteLater()

    def _rename(self, folder: Path, name: str) -> None:
        """Show a run's new name if it is displayed, or the parent of the displayed run."""
        session = self._session
        if folder == session.folder:
            session.name = name
        if (parent := session.parent_run) is not None and session.run_library.root / parent.run == folder:
            session.parent_run = replace(parent, name=name)
        session.touch()

    def _fork_point(self, run: StoredRun, step: int | None) -> Parting:
        session, story = self._session, run.story
        is_displayed = run.folder == session.folder
        chosen_step = step if step is not None else session.scene.playhead if is_displayed else None
        is_replanned = is_displayed and not session.is_live and session.curriculum.stages != planned(story.until())
        is_done = story.finished is not None and story.finished.reason == "done"
        if chosen_step is None and is_done and not is_replanned and story.clips:
            chosen_step = story.clips[-1].start  # at the end no steps would be left
        fork_step = story.step if chosen_step is None else min(max(chosen_step, 0), story.step)
        return Parting(
            name=run.name,
            step=fork_step,
            last=story.step,
            config=live_config(story, until=fork_step),
            replanned=is_replanned,
            is_live=session.is_live,
            is_done=is_done and not (is_displayed and session.is_live),
        )
