"""Atomic file writes: after a crash or a full disk, the file is the old or the new one."""

from __future__ import annotations

import os
from pathlib import Path


class DurableWrite:
    """The steps of a durable write as methods, so that a test can make each of them fail."""

    def write(self, path: Path, content: bytes) -> None:
        """Create a file, or replace its content."""
        path.write_bytes(content)

    def sync(self, path: Path) -> None:
        """Flush the content of a file to disk (fsync)."""
        with path.open("r+b") as stream:
            os.fsync(stream.fileno())

    def rename(self, old: Path, new: Path) -> None:
        """Rename a file, replacing any file of the new name."""
        old.replace(new)

    def sync_folder(self, folder: Path) -> None:
        """Flush the entries of a folder to disk (fsync)."""
        if os.name == "nt":  # Windows cannot open a folder, and writes its entries through
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, path: Path) -> None:
        """Remove a file if it exists."""
        path.unlink(missing_ok=True)


DISK = DurableWrite()


def ensure_folder(folder: Path) -> None:
    """Create a subfolder of a run unless it exists. Raises OSError if the run's folder is gone.

    A missing run folder has been moved; a new one in its place would hold only half of the run.
    """
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        reason = "the run's folder has been moved or deleted; put it back to continue the run"
        raise FileNotFoundError(error.errno, reason, str(folder.parent)) from error


def write_whole(path: Path, content: bytes, disk: DurableWrite = DISK) -> None:
    """Write `content` to a draft file, and rename it to `path` once it is on disk."""
    draft = path.with_name(f".{path.name}.draft")
    disk.write(draft, content)
    name_draft(draft, path, disk)


def name_draft(draft: Path, path: Path, disk: DurableWrite = DISK) -> None:
    """Flush a draft in the folder of `path` to disk, then rename it to `path`."""
    disk.sync(draft)
    disk.rename(draft, path)
    disk.sync_folder(path.parent)
