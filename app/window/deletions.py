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

FEW = 5
"""So many entries are erased unasked, unless they are all there are."""

Deletion = EraseMemories | EraseKnowledge | TrashRuns


class Deletions(QObject):
    """Asks, passes on what is agreed to, and says how much went."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._awaited: EraseMemories | EraseKnowledge | None = None
        """What is being erased: the event that follows says how much that was; any other than a change, nothing."""
        session.live_run.happened.connect(self._hear)

    def obey(self, request: Deletion) -> None:
        """Do what a panel asks for, unless the person thinks better of it."""
        match request:
            case EraseMemories(ids=ids):
                agreed = self._may_erase_memories(ids)
            case EraseKnowledge(ids=ids):
                agreed = self._may_erase_knowledge(ids)
            case TrashRuns(folders=folders):
                agreed = self._may_trash(folders)
        if agreed:
            self._session.obey(request)

    def reset(self) -> None:
        """Go back to the start; a run that goes on is ended only if the person agrees."""
        question = tr("End the run that goes on, and go back to the start?")
        kept = tr("What it has learned so far is stored, and can be lived on from the panel Runs.")
        if not self._session.is_live or is_sure(self._window, question, tr("End it"), detail=kept):
            self._session.reset()

    def _may_erase_memories(self, ids: tuple[int, ...]) -> bool:
        story = self._session.story
        if story is None:
            return True
        view, wanted = story.until(), set(ids)
        held = view.memory()
        gone = [entry.task_id for entry in held if entry.id in wanted]
        task_ids = sorted(set(gone))
        is_all = any(view.memory_counts().get(task_id) == gone.count(task_id) for task_id in task_ids)
        if not gone or (len(gone) <= FEW and not is_all):
            return True
        names = task_names(view.tasks)
        tasks = tr(", ").join(names[task_id] for task_id in task_ids if task_id < len(names))
        question = tr("Erase {number} moments of {tasks}?", number=count(len(gone)), tasks=tasks)
        if len(gone) == 1:
            question = tr("Erase the only moment of {tasks}?", tasks=tasks)
        return self._is_sure(question)

    def _may_erase_knowledge(self, ids: tuple[int, ...]) -> bool:
        story = self._session.story
        known = {entry.id for entry in story.until().knowledge()} if story is not None else set()
        gone = known & set(ids)
        if not gone or (len(gone) <= FEW and gone != known):
            return True
        question = tr("Erase {number} sentences?", number=count(len(gone)))
        return self._is_sure(question if len(gone) > 1 else tr("Erase the only sentence that is known?"))

    def _is_sure(self, question: str) -> bool:
        return is_sure(self._window, question, tr("Erase"), detail=tr("This can't be undone."))

    def _may_trash(self, folders: tuple[Path, ...]) -> bool:
        row = self._session.run_library.row(folders[0])
        question = tr("Move {number} runs to the trash?", number=count(len(folders)))
        if len(folders) == 1:
            question = tr("Move ‘{run}’ to the trash?", run=row.name if row is not None else folders[0].name)
        detail = tr("It lies in the folder .trash beside the runs until you empty that by hand.")
        return is_sure(self._window, question, tr("To the trash"), detail=detail)

    def _hear(self, events: tuple[Event, ...]) -> None:
        """Say how much was erased, once it is."""
        for event in events:
            if self._awaited is not None:
                self._tell(self._awaited, event)
            match event:
                case CommandApplied(command=EraseMemories() | EraseKnowledge() as command):
                    self._awaited = command if command.id in self._session.asked else None

    def _tell(self, command: EraseMemories | EraseKnowledge, event: Event) -> None:
        self._awaited = None
        number = len(event.removed) if isinstance(event, MemoryChanged | KnowledgeChanged) else 0
        match command:
            case EraseMemories():
                said = tr("{number} moments erased", number=count(number))
                self._session.notice(said if number != 1 else tr("One moment erased"))
            case EraseKnowledge():
                said = tr("{number} sentences erased", number=count(number))
                self._session.notice(said if number != 1 else tr("One sentence erased"))
