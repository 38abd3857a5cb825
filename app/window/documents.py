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
from app.window.drafts import Drafts, rename_unreadable
from app.window.settings import Settings
from widgets.shell.question import ask
from widgets.shell.save_dialog import ask_for_file
from widgets.style.translation import language, tr

DRAFT_DELAY = 1_500
"""Milliseconds after an edit until a draft is written, in case the process crashes."""


class Documents(QObject):
    """Opens and saves the file of the edited curriculum, and writes drafts of unsaved edits.

    Signals:
        changed: the file, the title, or whether there are unsaved edits.
        packed: Path, an archive with an agent or a run that was to be opened.
        left_behind: there are drafts that no window owns.
    """

    changed = Signal()
    packed = Signal(Path)
    left_behind = Signal()

    def __init__(self, session: Session, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._settings, self._window = session, settings, window
        self.path: Path | None = None
        self._text: CurriculumText | None = None
        """The text of the file when it was last read or written, or of the restored draft."""
        self._previous_path: Path | None = None
        """The file that was open before a run was displayed."""
        self.drafts = Drafts(settings.folder)
        self._draft_timer = QTimer(self, singleShot=True, interval=DRAFT_DELAY)
        self._draft_timer.timeout.connect(self._write_draft)
        session.curriculum.changed.connect(self._schedule_draft)
        session.leaving.connect(self._detach_file)

    @property
    def title(self) -> str:
        """The title of the curriculum; that of a shipped one is translated."""
        title = self._session.curriculum.title
        return tr(title) if language() != "en" and title in self._examples else title

    @cached_property
    def _examples(self) -> frozenset[str]:
        """The titles of the shipped curricula; the user's own titles are never translated."""
        return frozenset(load(path).name for path in curricula().values())

    @property
    def is_dirty(self) -> bool:
        """Whether there are unsaved edits."""
        return self._session.curriculum.is_dirty

    def begin(self, name: str | None) -> None:
        """Open the first of: the file named at launch, a draft left by a crash, the last file, the demo curriculum."""
        last = self._settings.last
        is_open = (name and self._open_by_name(name)) or (
            name is None and (self._restore_newest_draft() or (last is not None and self._read(last)))
        )
        if not is_open:
            self._open_by_name("demo")
        if self.drafts.abandoned():
            self.left_behind.emit()

    def restore_draft(self) -> None:
        """Restore the newest draft that no window owns, unless edits would be lost; then offer the next one."""
        if self._confirm_leaving():
            self._restore_newest_draft()
            if self.drafts.abandoned():
                self.left_behind.emit()

    def _restore_newest_draft(self) -> bool:
        for path in self.drafts.abandoned():
            if self._session.is_live or not self.drafts.adopt(path):
                continue
            if self._read(path, saved=False):
                self._session.notice(tr("Restored the edits that were not saved last time."))
                return True
            self.drafts.release()
            unreadable = rename_unreadable(path)
            self._session.notice(
                tr("A draft can't be read; it is kept in {path}", path=str(unreadable)), is_problem=True
            )
        return False

    def _detach_file(self) -> None:
        """Detach from the file, as the curriculum of a run replaces the edited one; keep unsaved edits as a draft."""
        if self.is_dirty:
            self._write_draft()
            self._abandon_draft()
        self._previous_path = self.path or self._previous_path
        self.path = self._text = None

    def _abandon_draft(self) -> None:
        if self.drafts.path is not None and self.drafts.path.exists():
            self.drafts.release()
            self.left_behind.emit()

    def new(self) -> None:
        """Start an empty curriculum."""
        if self._confirm_leaving():
            self.path = self._text = self._previous_path = None
            self._session.load(RunConfig(name=tr("Untitled")))

    def open(self) -> None:
        """Ask for a file, and open it."""
        start = str(self.path or curricula().get("demo", Path()).parent)
        chosen, _ = QFileDialog.getOpenFileName(self._window, tr("Open a curriculum"), start, file_filter())
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> None:
        """Open a file, unless the user prefers to keep unsaved edits."""
        try:
            holds_archive = is_archive(path)
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
            return
        if holds_archive:
            self.packed.emit(path)
        elif self._confirm_leaving():
            self._read(path)

    def save(self) -> bool:
        """Write to the curriculum's file; return whether it was written."""
        return self.save_as() if self.path is None or self._is_shipped else self._write(self.path)

    def save_as(self) -> bool:
        """Ask for a file, and write to it; return whether it was written."""
        # files in the program's own folder are lost with an update
        folder = self.path.parent if self.path and not self._is_shipped else None
        kinds, title = {".toml": tr("Curricula (*.toml)")}, self._session.curriculum.title
        path = ask_for_file(self._window, tr("Save the curriculum"), title, kinds, folder)
        return path is not None and self._write(path, may_replace=True)

    def confirm_closing(self) -> bool:
        """Ask what to do with unsaved edits, and delete their draft; return whether the window may close."""
        is_confirmed = self._confirm_leaving()
        if is_confirmed:
            self._draft_timer.stop()
            self.drafts.delete()
            self.drafts.release()
            self._settings.last = self.path or self._previous_path
        return is_confirmed

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
                tr("A run is active. Stop it before you open a curriculum."), is_problem=True, cause="run"
            )
            return False
        self.path, self._text, self._previous_path = path if saved else None, text, None
        if saved and not self._is_shipped:
            self._settings.opened(path)
        self._session.load(text.config, saved=saved)
        self.changed.emit()
        return True

    def _write(self, path: Path, *, may_replace: bool = False) -> bool:
        """Write the curriculum; `may_replace` if the user has just confirmed to replace the file."""
        plan = self._session.plan()
        text = dump(plan) if self._text is None else self._text.edited(plan)
        try:
            if not may_replace and not self._confirm_overwriting(path):
                return False
            write(path, text)
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
            return False
        self.path, self._text = path, CurriculumText(text, plan)
        self._settings.opened(path)
        self.drafts.delete()
        self._session.curriculum.mark_saved()
        self._session.notice(tr("Saved to {path}", path=str(path)))
        self.changed.emit()
        return True

    def _confirm_overwriting(self, path: Path) -> bool:
        """Ask whether to overwrite a file that has changed since it was read. Raises `BadInput` if it can't be read."""
        if path != self.path or self._text is None or not path.exists() or text_of(path) == self._text.text:
            return True
        question = tr("‘{name}’ was changed by another program since it was opened.", name=path.name)
        answers = {"overwrite": tr("Overwrite it"), "read": tr("Read it again")}
        answer = ask(self._window, question, answers, detail=tr("Reading it again discards your edits."))
        if answer == "read" and self._read(path):
            self.drafts.delete()
        return answer == "overwrite"

    def _confirm_leaving(self) -> bool:
        if not self.is_dirty:
            return True
        answers = {"save": tr("Save"), "drop": tr("Don't save")}
        answer = ask(self._window, tr("The curriculum has edits that are not saved."), answers)
        if answer == "save":
            return self.save()
        if answer == "drop":
            self.drafts.delete()
        return answer == "drop"

    def _schedule_draft(self) -> None:
        if not self._draft_timer.isActive():  # a new edit must not delay the draft further
            self._draft_timer.start()
        self.changed.emit()

    def _write_draft(self) -> None:
        if not self.is_dirty:
            if self._session.curriculum.undo_stack.canRedo():  # the user has undone all edits
                self.drafts.delete()
            else:  # another curriculum has replaced the edited one
                self._abandon_draft()
            return
        plan = self._session.plan()
        try:
            self.drafts.write(dump(plan) if self._text is None else self._text.edited(plan))
        except (OSError, BadInput) as error:
            self._session.notice(str(error), is_problem=True)


def file_filter() -> str:
    """Return the filter of file dialogs for all files that can be opened."""
    return tr("Curricula, agents and runs (*.toml *.palimpsest)")
