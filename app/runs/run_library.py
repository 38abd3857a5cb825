"""Stored runs: list, open, overlay and delete them, with a reader thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from PySide6.QtCore import QObject, QThread, Signal

from agents.store.folders import sweep
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.story import Story
from widgets.plots.run_names import unique_names
from widgets.runs.run_browser import RunRow
from widgets.style.translation import tr

Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run that was read from disk."""

    folder: Path
    name: str
    story: Story


class LibraryWorker(QThread):
    """Does errands one after another, away from the window's thread.

    Signals:
        failed: str, why an errand could not be done.
    """

    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._errands: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def send(self, job: Callable[[], None]) -> None:
        """Do this soon."""
        self._errands.put(job)
        if not self.isRunning():
            self.start()

    def dismiss(self) -> None:
        """End the thread once its errands are done, and wait for that."""
        self._errands.put(None)
        self.wait()

    def run(self) -> None:
        """Work until dismissed. Called by Qt, in the new thread."""
        while (job := self._errands.get()) is not None:
            try:
                job()
            except Exception as error:  # noqa: BLE001 - a damaged run must not close the window
                self.failed.emit(str(error))


class RunLibrary(QObject):
    """The stored runs, and those that are laid over the one in front.

    Signals:
        listed: tuple[RunRow, ...], newest first.
        loaded: a `StoredRun` that was asked for.
        overlaid: other runs are laid over now.
        exported: str, where a run's tables were written to, in words.
        trashed: str, where a run lies that was thrown away, in words.
        failed: str, why something could not be read or written.
    """

    listed = Signal(tuple)
    loaded = Signal(object)
    overlaid = Signal()
    exported = Signal(str)
    trashed = Signal(str)
    failed = Signal(str)

    def __init__(self, root: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root = root
        self.overlays: tuple[tuple[str, Story], ...] = ()
        self.laid: tuple[Path, ...] = ()
        """Folders of the runs that are laid over."""
        self._rows: dict[Path, RunRow] = {}
        self._stamps: dict[Path, Stamp] = {}
        self._cleared = 0
        self._laid, self._read = SignalCarrier(self), SignalCarrier(self)
        self._laid.arrived.connect(self._lay)
        self._read.arrived.connect(self._bring)
        self._library_worker = LibraryWorker(self)
        self._library_worker.failed.connect(self.failed)

    def sweep(self) -> None:
        """Remove what killed imports left behind."""
        self._library_worker.send(lambda: sweep(self.root))

    def refresh(self) -> None:
        """Read the list again."""
        self._library_worker.send(self._list)

    def load(self, folder: Path) -> None:
        """Read a run's whole story."""
        asked = self._cleared
        self._library_worker.send(lambda: self._read.arrived.emit((asked, read_run(folder))))

    def clear(self) -> None:
        """Lay no run over another, and show none that is still being read: something else is in front now."""
        self._cleared += 1
        self.overlays, self.laid = (), ()

    def overlay(self, folders: tuple[Path, ...]) -> None:
        """Lay these runs over the one in front; none clears them."""
        if folders or self.overlays:
            asked = self._cleared
            self._library_worker.send(lambda: self._laid.arrived.emit((asked, tuple(map(read_run, folders)))))

    def over(self, front: Path | None, named: tuple[str, Story] | None = None) -> tuple[tuple[str, Story], ...]:
        """Return the runs laid over the one in `front`, which is `named` so, in names that tell all of them apart.

        One that was opened since then does not lie over itself.
        """
        runs = [over for over, folder in zip(self.overlays, self.laid, strict=True) if folder != front]
        first = [] if named is None else [named]
        names = unique_names([*first, *runs])[len(first) :]
        return tuple(zip(names, (story for _, story in runs), strict=True))

    def row(self, folder: Path) -> RunRow | None:
        """Return what the list tells about this run, if it has been listed."""
        return self._rows.get(folder)

    def describe(self, folder: Path, name: str, tags: tuple[str, ...], note: str) -> None:
        """Keep what a person says about a run, now."""
        try:
            run = Run(folder)
            run.describe(name, tags, note)
        except ValueError as error:
            self.failed.emit(str(error))
        else:
            laid = zip(self.overlays, self.laid, strict=True)
            self.overlays = tuple((run.name if at == folder else old, story) for (old, story), at in laid)
            self.overlaid.emit()
        self.refresh()

    def lay_also(self, folder: Path) -> None:
        """Lay one more run over the one in front, if it is still there."""
        if folder.is_dir() and folder not in self.laid:
            self.overlay((*self.laid, folder))

    def trash(self, folder: Path) -> bool:
        """Move a run to the trash, now; return whether that worked."""
        try:
            place = RunStore(self.root).trash(Run(folder))
            self.trashed.emit(tr("Moved to the trash: {folder}", folder=str(place)))
        except ValueError as error:
            self.failed.emit(str(error))
            return False
        finally:
            self.refresh()
        return True

    def send(self, job: Callable[[], None]) -> None:
        """Do something with files, away from the window's thread; what it raises is told by `failed`."""
        self._library_worker.send(job)

    def export(self, folder: Path, target: Path) -> None:
        """Write a run's tables into the folder `target`."""
        self._library_worker.send(lambda: self._export(folder, target))

    def close(self) -> None:
        """End the reading thread."""
        if self._library_worker.isRunning():
            self._library_worker.dismiss()

    def _list(self) -> None:
        known, stamps = self._rows, self._stamps
        rows: dict[Path, RunRow] = {}
        fresh: dict[Path, Stamp] = {}
        for run in RunStore(self.root):
            fresh[run.folder] = stamp = _stamp(run.folder)
            row = known.get(run.folder)
            if row is None or not row.is_over or stamps.get(run.folder) != stamp:
                row = RunRow.of(run.folder, run.overview())
            rows[run.folder] = row
        self._rows, self._stamps = rows, fresh
        self.listed.emit(tuple(reversed(rows.values())))

    def _bring(self, read: tuple[int, StoredRun]) -> None:
        asked, run = read
        if asked == self._cleared:
            self.loaded.emit(run)

    def _lay(self, read: tuple[int, tuple[StoredRun, ...]]) -> None:
        asked, runs = read
        if asked != self._cleared:
            return
        self.overlays = tuple((run.name, run.story) for run in runs)
        self.laid = tuple(run.folder for run in runs)
        self.overlaid.emit()

    def _export(self, folder: Path, target: Path) -> None:
        from app.runs.tables import export  # only who exports waits for it

        export(Run(folder), target)
        self.exported.emit(tr("Written to {folder}", folder=str(target)))


class SignalCarrier(QObject):
    """Carries something from one thread to another.

    Signals:
        arrived: whatever was sent.
    """

    arrived = Signal(object)


def _stamp(folder: Path) -> Stamp:
    """Return what is different once a run was lived on, or described otherwise."""
    times = tuple(path.stat().st_mtime_ns for path in (folder / "meta.json", folder / "events.sqlite") if path.exists())
    journal = folder / "events.sqlite-wal"  # its time is no sign: whoever reads the run touches it
    return (*times, journal.stat().st_size if journal.exists() else 0)


def read_run(folder: Path) -> StoredRun:
    """Read a run's whole story; a long one takes a second."""
    run = Run(folder)
    return StoredRun(folder, run.name, run.story())
