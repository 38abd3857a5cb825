"""Folders of runs: unique names, new folders, folders of imports, initial metadata."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agents.store.lock import is_locked, locked

_INCOMING = ".incoming-"
_FRESH = 60.0
"""Seconds after its creation in which an import's folder may not be locked yet."""
_RECORDED = ("palimpsest", "torch", "numpy", "gymnasium")


def new_folder(root: Path, title: str, now: datetime) -> Path:
    """Create a folder for a run of this title, safe against concurrent processes. Raises OSError."""
    while True:
        folder = unused(_wanted(root, title, now))
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def moved_in(folder: Path, root: Path, title: str) -> Path:
    """Move a complete run's folder to a new name under `root`; return its path. Raises OSError."""
    target = new_folder(root, title, datetime.now().astimezone())
    target.rmdir()  # Windows can't rename onto an existing folder
    return folder.rename(target)


@contextmanager
def incoming(root: Path) -> Iterator[Path]:
    """Create a hidden folder for an import, and delete it at the end. Raises OSError.

    It is locked, so that no other process sweeps it. The run is built one level below it, so
    that it is not listed before it is complete.
    """
    sweep(root)
    with TemporaryDirectory(prefix=_INCOMING, dir=root) as folder, locked(Path(folder) / "lock"):
        yield Path(folder)


def sweep(root: Path) -> None:
    """Delete the folders that killed imports left behind."""
    for folder in root.glob(f"{_INCOMING}*"):
        if not is_locked(folder / "lock") and time.time() - _changed(folder) > _FRESH:
            shutil.rmtree(folder, ignore_errors=True)


def _changed(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:  # another process has swept it
        return time.time()


def unused(path: Path) -> Path:
    """Return `path`, or the first of path-2, path-3, ... that does not exist."""
    free, count = path, 1
    while free.exists():
        count += 1
        free = path.with_name(f"{path.name}-{count}")
    return free


def new_meta(
    title: str, now: datetime, parent: Mapping[str, Any] | None, initial_files: Iterable[str]
) -> dict[str, Any]:
    """Return the content of `meta.json` for a new run: for a fork also its parent and initial files."""
    meta: dict[str, Any] = {"format": 1, "name": title, "created": now.isoformat(timespec="seconds")}
    meta["versions"] = _versions()
    if parent is not None:
        meta["parent"] = dict(parent)
    if initial_files:
        meta["initial_files"] = sorted(initial_files)
    return meta


def _versions() -> dict[str, str]:
    versions: dict[str, str] = {}
    for name in _RECORDED:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _wanted(root: Path, title: str, now: datetime) -> Path:
    return root / f"{now:%Y%m%d-%H%M%S}-{_slug(title)}"


def _slug(title: str) -> str:
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-_")[:48].rstrip("-") or "run"
