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
    """Executes jobs one after another outside the window's thread.

    Signals:
        failed: str, why a job failed.
    """

    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def send(self, job: Callable[[], None]) -> None:
        """Queue a job."""
        self._jobs.put(job)
        if not self.isRunning():
            self.start()

    def close(self) -> None:
        """End the thread after the queued jobs, and wait for it."""
        self._jobs.put(None)
        self.wait()

    def run(self) -> None:
        """Execute jobs until `close`. Called by Qt, in the new thread."""
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception as error:  # noqa: BLE001 - a damaged run must not close the window
                self.failed.emit(str(error))


class RunLibrary(QObject):
    """Lists, loads, overlays, exports and deletes stored runs.

    Signals:
        listed: tuple[RunRow, ...], newest first.
        loaded: the requested `StoredRun`.
        overlaid: the overlays have changed.
        exported: str, a message with the folder of a run's tables.
        trashed: str, a message with the folder of a deleted run.
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
        self.overlay_folders: tuple[Path, ...] = ()
        """Folders of the overlays, in the same order."""
        self._rows: dict[Path, RunRow] = {}
        self._stamps: dict[Path, Stamp] = {}
        self._generation = 0
        self._overlay_carrier, self._load_carrier = SignalCarrier(self), SignalCarrier(self)
        self._overlay_carrier.arrived.connect(self._set_overlays)
        self._load_carrier.arrived.connect(self._emit_loaded)
        self._worker = LibraryWorker(self)
        self._worker.failed.connect(self.failed)

    def sweep(self) -> None:
        """Delete the incomplete folders of imports that were killed."""
        self._worker.send(lambda: sweep(self.root))

    def refresh(self) -> None:
        """Read the list again."""
        self._worker.send(self._list)

    def load(self, folder: Path) -> None:
        """Load a run's whole story; `loaded` follows, unless `clear` is called before."""
        generation = self._generation
        self._worker.send(lambda: self._load_carrier.arrived.emit((generation, read_run(folder))))

    def clear(self) -> None:
        """Remove all overlays, and discard runs that are still being read: another run is displayed now."""
        self._generation += 1
        self.overlays, self.overlay_folders = (), ()

    def overlay(self, folders: tuple[Path, ...]) -> None:
        """Replace the overlays by these runs."""
        if folders or self.overlays:
            generation = self._generation
            self._worker.send(lambda: self._overlay_carrier.arrived.emit((generation, tuple(map(read_run, folders)))))

    def overlays_on(
        self, displayed: Path | None, named: tuple[str, Story] | None = None
    ) -> tuple[tuple[str, Story], ...]:
        """Return the overlays on the `displayed` run, with names that are distinct from each other and from `named`.

        `named` is the name and story of the displayed run; the run itself is never among its overlays.
        """
        runs = [run for run, folder in zip(self.overlays, self.overlay_folders, strict=True) if folder != displayed]
        first = [] if named is None else [named]
        names = unique_names([*first, *runs])[len(first) :]
        return tuple(zip(names, (story for _, story in runs), strict=True))

    def row(self, folder: Path) -> RunRow | None:
        """Return the row of this run in the list; None if it has not been listed."""
        return self._rows.get(folder)

    def describe(self, folder: Path, name: str, tags: tuple[str, ...], note: str) -> None:
        """Store a run's name, tags and note, in the calling thread."""
        try:
            run = Run(folder)
            run.describe(name, tags, note)
        except ValueError as error:
            self.failed.emit(str(error))
        else:
            pairs = zip(self.overlays, self.overlay_folders, strict=True)
            self.overlays = tuple((run.name if at == folder else old, story) for (old, story), at in pairs)
            self.overlaid.emit()
        self.refresh()

    def add_overlay(self, folder: Path) -> None:
        """Add one overlay, if its folder exists."""
        if folder.is_dir() and folder not in self.overlay_folders:
            self.overlay((*self.overlay_folders, folder))

    def trash(self, folder: Path) -> bool:
        """Move a run to the trash, in the calling thread; return whether that worked."""
        try:
            folder_in_trash = RunStore(self.root).trash(Run(folder))
            self.trashed.emit(tr("Moved to the trash: {folder}", folder=str(folder_in_trash)))
        except ValueError as error:
            self.failed.emit(str(error))
            return False
        finally:
            self.refresh()
        return True

    def send(self, job: Callable[[], None]) -> None:
        """Execute a job in the worker thread; `failed` reports its exception."""
        self._worker.send(job)

    def export(self, folder: Path, target: Path) -> None:
        """Write a run's tables into the folder `target`."""
        self._worker.send(lambda: self._export(folder, target))

    def close(self) -> None:
        """End the worker thread."""
        if self._worker.isRunning():
            self._worker.close()

    def _list(self) -> None:
        known, stamps = self._rows, self._stamps
        rows: dict[Path, RunRow] = {}
        new_stamps: dict[Path, Stamp] = {}
        for run in RunStore(self.root):
            new_stamps[run.folder] = stamp = _modification_stamp(run.folder)
            row = known.get(run.folder)
            if row is None or not row.is_over or stamps.get(run.folder) != stamp:
                row = RunRow.of(run.folder, run.overview())
            rows[run.folder] = row
        self._rows, self._stamps = rows, new_stamps
        self.listed.emit(tuple(reversed(rows.values())))

    def _emit_loaded(self, read: tuple[int, StoredRun]) -> None:
        generation, run = read
        if generation == self._generation:
            self.loaded.emit(run)

    def _set_overlays(self, read: tuple[int, tuple[StoredRun, ...]]) -> None:
        generation, runs = read
        if generation != self._generation:
            return
        self.overlays = tuple((run.name, run.story) for run in runs)
        self.overlay_folders = tuple(run.folder for run in runs)
        self.overlaid.emit()

    def _export(self, folder: Path, target: Path) -> None:
        from app.runs.tables import export  # slow to import, and rarely needed

        export(Run(folder), target)
        self.exported.emit(tr("Written to {folder}", folder=str(target)))


class SignalCarrier(QObject):
    """Passes an object from the thread that emits `arrived` to the receiver's thread.

    Signals:
        arrived: the object.
    """

    arrived = Signal(object)


def _modification_stamp(folder: Path) -> Stamp:
    """Return modification times and sizes that change when a run continues or its metadata changes."""
    times = tuple(path.stat().st_mtime_ns for path in (folder / "meta.json", folder / "events.sqlite") if path.exists())
    journal = folder / "events.sqlite-wal"  # only its size counts: reading the run changes its time
    return (*times, journal.stat().st_size if journal.exists() else 0)


def read_run(folder: Path) -> StoredRun:
    """Read a run's whole story from disk; a long one takes a second."""
    run = Run(folder)
    return StoredRun(folder, run.name, run.story())
