"""Import and export agents, runs and curricula as files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from agents.errors import one_line
from agents.sharing.archive import opened
from agents.sharing.archive_limits import SUFFIX
from agents.store.run import Run
from agents.store.run_store import RunStore
from app.runs.preparation import started
from app.session.session import Session
from app.window.documents import Documents, file_filter
from widgets.shell.question import ask
from widgets.shell.save_dialog import ask_for_file
from widgets.style.numbers import count
from widgets.style.translation import tr

if TYPE_CHECKING:  # imports Torch, which takes two seconds
    from agents.sharing.agent_file import SharedAgent

_MAX_TASKS = 8
"""Largest number of an agent's tasks that the dialog names."""


class ImportExport(QObject):
    """Imports files that are dropped or chosen, and exports the displayed run or its agent.

    Files are read and written in the thread of the run library.

    Signals:
        agent_read: a valid `SharedAgent`.
        run_taken: Path, the folder of an imported run.
        written: str, the file that was written.
    """

    agent_read = Signal(object)
    run_taken = Signal(Path)
    written = Signal(str)

    def __init__(self, session: Session, documents: Documents, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._documents, self._window = session, documents, window
        documents.packed.connect(self.read)
        self.agent_read.connect(self._offer_agent)
        self.run_taken.connect(self._show_run)
        self.written.connect(self._notify_written)

    def choose(self) -> None:
        """Ask for a file, and open it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, tr("Import a file"), str(Path.home()), file_filter())
        if chosen:
            self._documents.open_path(Path(chosen))

    def read(self, path: Path) -> None:
        """Import a run, or offer to start a run with an agent."""
        self._session.run_library.send(partial(self._read, path))

    def export_agent(self) -> None:
        """Write the displayed run's agent at the playhead to a file."""
        self._export(tr("Export the agent"), partial(self._write_agent, self._session.scene.playhead))

    def export_whole(self) -> None:
        """Write the whole displayed run to a file."""
        self._export(tr("Export the whole run"), self._write_whole)

    def _export(self, title: str, write: Callable[[Path, Path], None]) -> None:
        folder = self._session.folder
        if folder is None:
            self._session.notice(tr("There is no run to export yet. Press play first."))
            return
        kinds = {SUFFIX: tr("Agents and runs (*.palimpsest)")}
        path = ask_for_file(self._window, title, folder.name, kinds)
        if path is not None:
            self._session.run_library.send(partial(write, folder, path))

    def _write_agent(self, step: int | None, folder: Path, path: Path) -> None:
        from agents.sharing import agent_file  # Torch, as above

        agent_file.export(Run(folder), path, step)
        self.written.emit(str(path))

    def _write_whole(self, folder: Path, path: Path) -> None:
        from agents.sharing import run_file  # Torch, as above

        run_file.export(Run(folder), path)
        self.written.emit(str(path))

    def _read(self, path: Path) -> None:
        from agents.sharing import agent_file, run_file  # Torch, as above

        with opened(path) as bundle:
            kind = bundle.kind
        if kind == "run":
            self.run_taken.emit(run_file.import_run(path, RunStore(self._session.run_library.root)).folder)
        else:
            self.agent_read.emit(agent_file.load(path))

    def _offer_agent(self, agent: SharedAgent) -> None:
        """Describe an agent, and ask whether to start the current curriculum with it."""
        provenance = agent.about.provenance
        description = tr(
            "The agent of ‘{run}’ at step {step}: {weights} weights, {words} words. Tasks: {tasks}.",
            run=provenance.run,
            step=count(provenance.step),
            weights=count(agent.weights),
            words=count(len(agent.about.agent.model.tokenizer.words)),
            tasks=tr(", ").join(map(tr, provenance.tasks[:_MAX_TASKS])) or "–",
        )
        if self._confirm_start(description):
            self._session.start(prepare=partial(started, agent=agent))

    def _confirm_start(self, description: str) -> bool:
        detail = tr("Start the current curriculum with this agent instead of an untrained one?")
        if self._session.is_live:
            detail = tr("A run is active. Stop it before you start another one.")
        disabled = ("begin",) if self._session.is_live else ()
        answers = {"begin": tr("Start with it")}
        return ask(self._window, one_line(description), answers, detail=detail, barred=disabled) == "begin"

    def _show_run(self, folder: Path) -> None:
        self._session.runs_changed.emit()
        self._session.notice(tr("Imported run: {name}", name=Run(folder).name))
        if not self._session.is_live:
            self._session.open_run(folder)

    def _notify_written(self, path: str) -> None:
        self._session.notice(tr("Saved to {path}", path=path))
