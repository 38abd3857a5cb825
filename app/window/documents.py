"""Curricula as documents: create, open, save, and recover after a crash."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from agents.config import RunConfig
from agents.config.config_file import curricula, dump, find_curriculum, load, text_of, write
from agents.config.file_edits import CurriculumText
from agents.errors import BadInput
from agents.sharing.archive import is_archive
from app.session.session import Session
from app.window.drafts import Drafts, set_apart
from app.window.settings import Settings
from widgets.shell.question import ask
from widgets.shell.save_dialog import ask_for_file
from widgets.style.translation import language, tr

DRAFT_AFTER = 1_500
"""Milliseconds after an edit in which it is put aside, in case the lab crashes."""


class Documents(QObject):
    """Keeps track of the file behind the curriculum.

    Signals:
        changed: another file, another title, or edits that no file holds.
        packed: Path, a file that was to be opened and holds an agent or a run.
        left_behind: there are drafts that no window owns, beside what is in front.
    """

    changed = Signal()
    packed = Signal(Path)
    left_behind = Signal()

    def __init__(self, session: Session, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._settings, self._window = session, settings, window
        self.path: Path | None = None
        self._text: CurriculumText | None = None
        """What the file said when it was read or written, or the draft that was brought back."""
        self._last: Path | None = None
        """The file that was open before a run came to the front."""
        self.drafts = Drafts(settings.folder)
        self._drafting = QTimer(self, singleShot=True, interval=DRAFT_AFTER)
        self._drafting.timeout.connect(self._put_aside)
        session.curriculum.changed.connect(self._note)
        session.leaving.connect(self._leave_file)

    @property
    def title(self) -> str:
        """What people call the curriculum: one that comes with the lab, in the language of the interface."""
        title = self._session.curriculum.title
        return tr(title) if language() != "en" and title in self._examples else title

    @cached_property
    def _examples(self) -> frozenset[str]:
        """The titles of the curricula that come with the lab: a person's own are never translated."""
        return frozenset(load(path).name for path in curricula().values())

    @property
    def is_dirty(self) -> bool:
        """Whether there are edits that no file holds."""
        return self._session.curriculum.is_dirty

    def begin(self, name: str | None) -> None:
        """Open what was asked for at launch, what a crash left unsaved, what was open last, or the demonstration."""
        last = self._settings.last
        begun = (name and self._open_by_name(name)) or (
            name is None and (self._bring_newest_back() or (last is not None and self._read(last)))
        )
        if not begun:
            self._open_by_name("demo")
        if self.drafts.abandoned():
            self.left_behind.emit()

    def bring_back(self) -> None:
        """Show the newest draft that no window owns, unless edits would be lost; the next one is offered then."""
        if self._may_leave():
            self._bring_newest_back()
            if self.drafts.abandoned():
                self.left_behind.emit()

    def _bring_newest_back(self) -> bool:
        for path in self.drafts.abandoned():
            if self._session.is_live or not self.drafts.adopt(path):
                continue
            if self._read(path, saved=False):
                self._session.notice(tr("Brought back the edits that were not saved last time."))
                return True
            self.drafts.leave()
            kept = set_apart(path)
            self._session.notice(tr("Edits that no file held are kept in {path}", path=str(kept)), is_problem=True)
        return False

    def _leave_file(self) -> None:
        """Let the file be: the curriculum of a run takes the place of what it holds."""
        if self.is_dirty:
            self._put_aside()
            self._set_draft_aside()
        self._last = self.path or self._last
        self.path = self._text = None

    def _set_draft_aside(self) -> None:
        if self.drafts.path is not None and self.drafts.path.exists():
            self.drafts.leave()
            self.left_behind.emit()

    def new(self) -> None:
        """Begin an empty curriculum."""
        if self._may_leave():
            self.path = self._text = self._last = None
            self._session.load(RunConfig(name=tr("Untitled")))

    def open(self) -> None:
        """Ask for a file, and open it."""
        start = str(self.path or curricula().get("demo", Path()).parent)
        chosen, _ = QFileDialog.getOpenFileName(self._window, tr("Open a curriculum"), start, everything())
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> None:
        """Open a file, unless edits would be lost and the person would rather keep them."""
        try:
            holds_more = is_archive(path)
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
            return
        if holds_more:
            self.packed.emit(path)
        elif self._may_leave():
            self._read(path)

    def save(self) -> bool:
        """Write to the file behind the curriculum; return whether it was written."""
        return self.save_as() if self.path is None or self._is_shipped else self._write(self.path)

    def save_as(self) -> bool:
        """Ask for a file, and write to it; return whether it was written."""
        # what is written into the program's own folder goes with its next version
        folder = self.path.parent if self.path and not self._is_shipped else None
        kinds, title = {".toml": tr("Curricula (*.toml)")}, self._session.curriculum.title
        path = ask_for_file(self._window, tr("Save the curriculum"), title, kinds, folder)
        return path is not None and self._write(path, may_replace=True)

    def may_close(self) -> bool:
        """Ask what should happen to unsaved edits, and forget the draft of them."""
        leaving = self._may_leave()
        if leaving:
            self._drafting.stop()
            self.drafts.drop()
            self.drafts.leave()
            self._settings.last = self.path or self._last
        return leaving

    @property
    def _is_shipped(self) -> bool:
        return self.path in curricula().values()

    def _open_by_name(self, name: str) -> bool:
        try:
            return self._read(find_curriculum(name))
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
            return False

    def _read(self, path: Path, *, saved: bool = True) -> bool:
        try:
            text = CurriculumText.read(path)
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
            return False
        if self._session.is_live:
            self._session.notice(
                tr("A run is going on. Stop it before you open a curriculum."), is_problem=True, cause="run"
            )
            return False
        self.path, self._text, self._last = path if saved else None, text, None
        if saved and not self._is_shipped:
            self._settings.opened(path)
        self._session.load(text.config, saved=saved)
        self.changed.emit()
        return True

    def _write(self, path: Path, *, may_replace: bool = False) -> bool:
        """Write the curriculum; `may_replace`: a person has just been asked whether what lies there may go."""
        plan = self._session.plan()
        text = dump(plan) if self._text is None else self._text.edited(plan)
        try:
            if not may_replace and not self._may_write_over(path):
                return False
            write(path, text)
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
            return False
        self.path, self._text = path, CurriculumText(text, plan)
        self._settings.opened(path)
        self.drafts.drop()
        self._session.curriculum.mark_saved()
        self._session.notice(tr("Saved to {path}", path=str(path)))
        self.changed.emit()
        return True

    def _may_write_over(self, path: Path) -> bool:
        """Ask if the file is no longer what was read. Raises `BadInput` where it can't be read."""
        if path != self.path or self._text is None or not path.exists() or text_of(path) == self._text.text:
            return True
        question = tr("‘{name}’ was changed by somebody else since it was read here.", name=path.name)
        answers = {"overwrite": tr("Overwrite it"), "read": tr("Read it again")}
        answer = ask(self._window, question, answers, detail=tr("To read it again drops the edits made here."))
        if answer == "read" and self._read(path):
            self.drafts.drop()
        return answer == "overwrite"

    def _may_leave(self) -> bool:
        if not self.is_dirty:
            return True
        answers = {"save": tr("Save"), "drop": tr("Don't save")}
        answer = ask(self._window, tr("The curriculum has edits that are not saved."), answers)
        if answer == "save":
            return self.save()
        if answer == "drop":
            self.drafts.drop()
        return answer == "drop"

    def _note(self) -> None:
        if not self._drafting.isActive():  # not put off by the next edit
            self._drafting.start()
        self.changed.emit()

    def _put_aside(self) -> None:
        if not self.is_dirty:
            if self._session.curriculum.undo_stack.canRedo():  # taken back by hand
                self.drafts.drop()
            else:  # something else came to the front
                self._set_draft_aside()
            return
        plan = self._session.plan()
        try:
            self.drafts.write(dump(plan) if self._text is None else self._text.edited(plan))
        except (OSError, BadInput) as error:
            self._session.notice(str(error), is_problem=True)


def everything() -> str:
    """Return what file dialogs say of all that can be opened."""
    return tr("Curricula, agents and runs (*.toml *.palimpsest)")
