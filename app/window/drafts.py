"""Unsaved edits on disk, one file per window, for recovery after a crash."""

from __future__ import annotations

import re
from contextlib import ExitStack, suppress
from pathlib import Path

from agents.config.config_file import write
from agents.errors import BadInput
from agents.store.folders import unused
from agents.store.lock import is_locked, locked

_NAME = re.compile(r"unsaved(-\d+)?\.toml")
_MAX_DRAFTS = 1_000
"""Largest number of drafts in the folder."""


class Drafts:
    """The draft of one window, in a folder that all windows share.

    The window holds a lock file beside its draft: a draft whose lock is free was left by a window that crashed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = ExitStack()
        self.path: Path | None = None
        """This window's draft, once it has one."""

    def abandoned(self) -> list[Path]:
        """Return the drafts whose lock no window holds, the newest first."""
        drafts = [path for path in self._all() if path != self.path and not is_locked(_lock(path))]
        return sorted(drafts, key=lambda path: path.stat().st_mtime, reverse=True)

    def adopt(self, path: Path) -> bool:
        """Take over an abandoned draft; return False if another window has taken or deleted it."""
        self.release()
        try:
            self._lock.enter_context(locked(_lock(path)))
        except BadInput:
            return False
        if not path.is_file():
            self.release()
            return False
        self.path = path
        return True

    def write(self, text: str) -> None:
        """Write this window's draft. Raises `BadInput` if it can't be written."""
        if self.path is None:
            self.path = self._new_path()
        write(self.path, text)

    def delete(self) -> None:
        """Delete this window's draft, after its edits were saved or discarded."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def release(self) -> None:
        """Release this window's draft; its file stays, for the next start to restore."""
        self._lock.close()
        self.path = None

    def _new_path(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MAX_DRAFTS):
            path = self._folder / ("unsaved.toml" if number == 1 else f"unsaved-{number}.toml")
            if not path.exists() and not is_locked(_lock(path)):
                with suppress(BadInput):  # another window was faster
                    self._lock.enter_context(locked(_lock(path)))
                    return path
        raise BadInput(f"{self._folder}: no draft can be written there; make it writable, or remove old drafts")

    def _all(self) -> list[Path]:
        return [path for path in self._folder.glob("unsaved*.toml") if _NAME.fullmatch(path.name)]


def rename_unreadable(path: Path) -> Path:
    """Rename a draft that can't be read, so that it is not restored again; return the new path."""
    return path.replace(unused(path.with_name(f"unreadable-{path.name}")))


def _lock(path: Path) -> Path:
    return path.with_name(f"{path.stem}.lock")
