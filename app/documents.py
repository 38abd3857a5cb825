"""Curricula as files: new, opened, saved, and brought back after a crash."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from agents.bundle import is_bundle
from agents.config import RunConfig
from agents.config_file import BadInput, curricula, find_curriculum, load, save
from app.session import Session
from app.settings import Settings
from widgets.question import ask
from widgets.save_dialog import ask_for_file
from widgets.words import tr

DRAFT_AFTER = 1_500
"""Milliseconds after an edit in which it is put aside, in case the lab crashes."""


class Documents(QObject):
    """Keeps track of the file behind the curriculum.

    Signals:
        changed: another file, another title, or edits that no file holds.
        packed: Path, a file that was to be opened and holds an agent or a run.
    """

    changed = Signal()
    packed = Signal(Path)

    def __init__(self, session: Session, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._settings, self._window = session, settings, window
        self.path: Path | None = None
        self._draft = settings.folder / "unsaved.toml"
        self._drafting = QTimer(self, singleShot=True, interval=DRAFT_AFTER)
        self._drafting.timeout.connect(self._put_aside)
        session.curriculum.changed.connect(self._note)

    @property
    def is_dirty(self) -> bool:
        """Whether there are edits that no file holds."""
        return self._session.curriculum.is_dirty

    def begin(self, name: str | None) -> None:
        """Open what was asked for at launch, what a crash left unsaved, what was open last, or the demonstration."""
        if name is None and self._draft.is_file() and self._read(self._draft, saved=False):
            self._session.notice(tr("Brought back the edits that were not saved last time."))
            return
        self._keep_draft()
        if name is None and self._settings.last is not None and self._read(self._settings.last):
            return
        if name is None or not self._open_by_name(name):
            self._open_by_name("demo")

    def _keep_draft(self) -> None:
        """Keep what a crash left unsaved where it can be opened, while something else is opened now."""
        if self._draft.is_file():
            kept = self._draft.replace(self._draft.with_name("unsaved-before.toml"))
            self._settings.opened(kept)
            self._session.notice(tr("Edits that no file held are kept in {path}", path=str(kept)))

    def new(self) -> None:
        """Begin an empty curriculum."""
        if self._may_leave():
            self.path = None
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
            holds_more = is_bundle(path)
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
            return
        if holds_more:
            self.packed.emit(path)
        elif self._may_leave():
            self._read(path)

    def save(self) -> bool:
        """Write to the file behind the curriculum; return whether it was written."""
        shipped = self.path is not None and self.path in curricula().values()
        return self.save_as() if self.path is None or shipped else self._write(self.path)

    def save_as(self) -> bool:
        """Ask for a file, and write to it; return whether it was written."""
        folder, kinds = self.path.parent if self.path else None, {".toml": tr("Curricula (*.toml)")}
        title = self._session.curriculum.title
        path = ask_for_file(self._window, tr("Save the curriculum"), title, kinds, folder)
        return path is not None and self._write(path)

    def may_close(self) -> bool:
        """Ask what should happen to unsaved edits, and forget the draft of them."""
        leaving = self._may_leave()
        if leaving:
            self._drafting.stop()
            self._draft.unlink(missing_ok=True)
            self._settings.last = self.path
        return leaving

    def _open_by_name(self, name: str) -> bool:
        try:
            return self._read(find_curriculum(name))
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
            return False

    def _read(self, path: Path, *, saved: bool = True) -> bool:
        try:
            config = load(path)
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
            return False
        if self._session.is_live:
            self._session.notice(tr("A run is going on. Stop it before you open a curriculum."), is_problem=True)
            return False
        self.path = path if saved else None
        if saved and path not in curricula().values():
            self._settings.opened(path)
        self._session.load(config, saved=saved)
        self.changed.emit()
        return True

    def _write(self, path: Path) -> bool:
        try:
            save(path, self._session.plan())
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
            return False
        self.path = path
        self._settings.opened(path)
        self._draft.unlink(missing_ok=True)
        self._session.curriculum.mark_saved()
        self._session.notice(tr("Saved to {path}", path=str(path)))
        self.changed.emit()
        return True

    def _may_leave(self) -> bool:
        if not self.is_dirty:
            return True
        answers = {"save": tr("Save"), "drop": tr("Don't save")}
        answer = ask(self._window, tr("The curriculum has edits that are not saved."), answers)
        if answer == "save":
            return self.save()
        if answer == "drop":
            self._draft.unlink(missing_ok=True)
        return answer == "drop"

    def _note(self) -> None:
        if not self._drafting.isActive():  # not put off by the next edit
            self._drafting.start()
        self.changed.emit()

    def _put_aside(self) -> None:
        if not self.is_dirty:
            if self._session.curriculum.undo_stack.canRedo():  # taken back by hand
                self._draft.unlink(missing_ok=True)
            else:  # a run came to the front, and its curriculum with it
                self._keep_draft()
            return
        try:
            self._draft.parent.mkdir(parents=True, exist_ok=True)
            save(self._draft, self._session.plan())
        except (OSError, BadInput) as error:
            self._session.notice(str(error), is_problem=True)


def everything() -> str:
    """Return what file dialogs say of all that can be opened."""
    return tr("Curricula, agents and runs (*.toml *.palimpsest)")
