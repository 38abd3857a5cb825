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
from app.window.documents import Documents, everything
from widgets.shell.question import ask
from widgets.shell.save_dialog import ask_for_file
from widgets.style.numbers import count
from widgets.style.translation import tr

if TYPE_CHECKING:  # it imports Torch, which takes two seconds
    from agents.sharing.agent_file import SharedAgent

_MOST_TASKS = 8
"""Tasks of an agent that are named."""


class ImportExport(QObject):
    """Imports what is dropped or chosen, and exports what is in front.

    Reading and writing happen in the shelf's thread.

    Signals:
        agent_read: a `SharedAgent` that was found whole.
        run_taken: Path, the folder of a run that is now among the others.
        written: str, the file that was written.
    """

    agent_read = Signal(object)
    run_taken = Signal(Path)
    written = Signal(str)

    def __init__(self, session: Session, documents: Documents, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._documents, self._window = session, documents, window
        documents.packed.connect(self.read)
        self.agent_read.connect(self._offer)
        self.run_taken.connect(self._show)
        self.written.connect(self._say_written)

    def choose(self) -> None:
        """Ask for a file, and open it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, tr("Import a file"), str(Path.home()), everything())
        if chosen:
            self._documents.open_path(Path(chosen))

    def read(self, path: Path) -> None:
        """Take a run in, or offer to begin with an agent."""
        self._session.run_library.send(partial(self._read, path))

    def export_agent(self) -> None:
        """Write the agent of the run in front to a file, as it was where the playhead stands."""
        self._export(tr("Export the agent"), partial(self._write_agent, self._session.scene.playhead))

    def export_whole(self) -> None:
        """Write the whole run in front to a file."""
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

    def _offer(self, agent: SharedAgent) -> None:
        """Say what an agent is, and ask whether the curriculum in front should begin with it."""
        made = agent.about.provenance
        told = tr(
            "The agent of ‘{run}’ at step {step}: {weights} weights, {words} words. It has met: {tasks}.",
            run=made.run,
            step=count(made.step),
            weights=count(agent.weights),
            words=count(len(agent.about.agent.model.tokenizer.words)),
            tasks=tr(", ").join(map(tr, made.tasks[:_MOST_TASKS])) or "–",
        )
        if self._asks_to_begin(told):
            self._session.start(prepare=partial(started, agent=agent))

    def _asks_to_begin(self, told: str) -> bool:
        detail = tr("Begin the curriculum in front with this agent instead of an untrained one?")
        if self._session.is_live:
            detail = tr("A run is going on. Stop it before you begin another one.")
        barred = ("begin",) if self._session.is_live else ()
        answers = {"begin": tr("Begin with it")}
        return ask(self._window, one_line(told), answers, detail=detail, barred=barred) == "begin"

    def _show(self, folder: Path) -> None:
        self._session.runs_changed.emit()
        self._session.notice(tr("Taken in among the runs: {name}", name=Run(folder).name))
        if not self._session.is_live:
            self._session.open_run(folder)

    def _say_written(self, path: str) -> None:
        self._session.notice(tr("Saved to {path}", path=path))
