"""Irreversible actions of the window: confirmed with a count, executed, and reported."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from agents.commands import EraseKnowledge, EraseMemories
from agents.events import CommandApplied, Event, KnowledgeChanged, MemoryChanged
from app.session.session import Session
from widgets.requests import TrashRuns
from widgets.shell.question import is_sure
from widgets.style.numbers import count
from widgets.style.task_names import task_names
from widgets.style.translation import tr

UNCONFIRMED_LIMIT = 5
"""Up to this many entries are erased without confirmation, unless they are the last ones."""

Deletion = EraseMemories | EraseKnowledge | TrashRuns


class Deletions(QObject):
    """Confirms deletions, passes them on, and reports the number of deleted entries."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._pending: EraseMemories | EraseKnowledge | None = None
        """The applied command whose result is the next event: a change with the erased entries, or none."""
        session.live_run.events_received.connect(self._on_events)

    def execute(self, request: Deletion) -> None:
        """Execute a panel's deletion, unless the user cancels."""
        match request:
            case EraseMemories(ids=ids):
                is_confirmed = self._may_erase_memories(ids)
            case EraseKnowledge(ids=ids):
                is_confirmed = self._may_erase_knowledge(ids)
            case TrashRuns(folders=folders):
                is_confirmed = self._may_trash(folders)
        if is_confirmed:
            self._session.execute(request)

    def reset(self) -> None:
        """Go back to an untrained agent, after a confirmation if a run is active."""
        question = tr("Stop the active run, and go back to the start?")
        detail = tr("What it has learned so far is stored, and can be resumed from the panel Runs.")
        if not self._session.is_live or is_sure(self._window, question, tr("End it"), detail=detail):
            self._session.reset()

    def _may_erase_memories(self, ids: tuple[int, ...]) -> bool:
        story = self._session.story
        if story is None:
            return True
        view, wanted = story.until(), set(ids)
        entries = view.memory()
        erased = [entry.task_id for entry in entries if entry.id in wanted]
        task_ids = sorted(set(erased))
        is_all = any(view.memory_counts().get(task_id) == erased.count(task_id) for task_id in task_ids)
        if not erased or (len(erased) <= UNCONFIRMED_LIMIT and not is_all):
            return True
        names = task_names(view.tasks)
        tasks = tr(", ").join(names[task_id] for task_id in task_ids if task_id < len(names))
        question = tr("Erase {number} memories of {tasks}?", number=count(len(erased)), tasks=tasks)
        if len(erased) == 1:
            question = tr("Erase the only memory of {tasks}?", tasks=tasks)
        return self._is_sure(question)

    def _may_erase_knowledge(self, ids: tuple[int, ...]) -> bool:
        story = self._session.story
        known = {entry.id for entry in story.until().knowledge()} if story is not None else set()
        erased = known & set(ids)
        if not erased or (len(erased) <= UNCONFIRMED_LIMIT and erased != known):
            return True
        question = tr("Erase {number} sentences?", number=count(len(erased)))
        return self._is_sure(question if len(erased) > 1 else tr("Erase the only sentence that is known?"))

    def _is_sure(self, question: str) -> bool:
        return is_sure(self._window, question, tr("Erase"), detail=tr("This can't be undone."))

    def _may_trash(self, folders: tuple[Path, ...]) -> bool:
        row = self._session.run_library.row(folders[0])
        question = tr("Move {number} runs to the trash?", number=count(len(folders)))
        if len(folders) == 1:
            question = tr("Move ‘{run}’ to the trash?", run=row.name if row is not None else folders[0].name)
        detail = tr("It lies in the folder .trash beside the runs until you empty that by hand.")
        return is_sure(self._window, question, tr("To the trash"), detail=detail)

    def _on_events(self, events: tuple[Event, ...]) -> None:
        """Report how much was erased, once the run has done it."""
        for event in events:
            if self._pending is not None:
                self._report(self._pending, event)
            match event:
                case CommandApplied(command=EraseMemories() | EraseKnowledge() as command):
                    self._pending = command if command.id in self._session.sent_commands else None

    def _report(self, command: EraseMemories | EraseKnowledge, event: Event) -> None:
        self._pending = None
        number = len(event.removed) if isinstance(event, MemoryChanged | KnowledgeChanged) else 0
        match command:
            case EraseMemories():
                text = tr("{number} memories erased", number=count(number))
                self._session.notice(text if number != 1 else tr("One memory erased"))
            case EraseKnowledge():
                text = tr("{number} sentences erased", number=count(number))
                self._session.notice(text if number != 1 else tr("One sentence erased"))
