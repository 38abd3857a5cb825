"""Atomic file writes: after a crash or a full disk, the file is the old or the new one."""

from __future__ import annotations

import os
from pathlib import Path


class DurableWrite:
    """The steps of a durable write, one by one, so that a test can fail each of them."""

    def write(self, path: Path, content: bytes) -> None:
        """Make the file, or replace what is in it."""
        path.write_bytes(content)

    def sync(self, path: Path) -> None:
        """Wait until the content of a file is on the disk itself."""
        with path.open("r+b") as stream:
            os.fsync(stream.fileno())

    def rename(self, old: Path, new: Path) -> None:
        """Give a file its name, in place of the file that has it."""
        old.replace(new)

    def sync_folder(self, folder: Path) -> None:
        """Wait until the names in a folder are on the disk itself."""
        if os.name == "nt":  # Windows cannot open a folder, and writes names through
            return
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there."""
        path.unlink(missing_ok=True)


DISK = DurableWrite()


def ensure_folder(folder: Path) -> None:
    """Make a folder of a run, unless it is there. Raises OSError if the run's own is gone: it is never made anew.

    Somebody has moved it, then; another one in its place would hold half of the run.
    """
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        reason = "the run's folder is not there any more; put it back, and the run goes on"
        raise FileNotFoundError(error.errno, reason, str(folder.parent)) from error


def write_whole(path: Path, content: bytes, disk: DurableWrite = DISK) -> None:
    """Write `content` into a draft, and give it its name only when it is safe."""
    draft = path.with_name(f".{path.name}.draft")
    disk.write(draft, content)
    name_draft(draft, path, disk)


def name_draft(draft: Path, path: Path, disk: DurableWrite = DISK) -> None:
    """Give a file that was written in the same folder its name, once its content is on the disk itself."""
    disk.sync(draft)
    disk.rename(draft, path)
    disk.sync_folder(path.parent)
