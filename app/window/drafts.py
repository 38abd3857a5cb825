"""Unsaved edits on disk, one file a window, for recovery after a crash."""

from __future__ import annotations

import re
from contextlib import ExitStack, suppress
from pathlib import Path

from agents.config.config_file import write
from agents.errors import BadInput
from agents.store.folders import unused
from agents.store.lock import is_locked, locked

_NAME = re.compile(r"unsaved(-\d+)?\.toml")
_MOST = 1_000
"""Drafts that may lie beside each other."""


class Drafts:
    """One draft of a window's own, in a folder that other windows use, too.

    Each draft has a lock beside it that its window holds: a draft whose lock is free was left by a window that died.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = ExitStack()
        self.path: Path | None = None
        """The window's own draft, once there is one."""

    def abandoned(self) -> list[Path]:
        """Return the drafts that no living window owns, the newest first."""
        found = [path for path in self._all() if path != self.path and not is_locked(_lock(path))]
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)

    def adopt(self, path: Path) -> bool:
        """Make an abandoned draft this window's own; return whether no other window did so meanwhile."""
        self.leave()
        try:
            self._lock.enter_context(locked(_lock(path)))
        except BadInput:
            return False
        if not path.is_file():
            self.leave()
            return False
        self.path = path
        return True

    def write(self, text: str) -> None:
        """Write this window's draft. Raises `BadInput` where that can't be done."""
        if self.path is None:
            self.path = self._fresh()
        write(self.path, text)

    def drop(self) -> None:
        """Remove this window's draft: a file holds what was in it, or nobody wants it."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def leave(self) -> None:
        """Own no draft any more; what is in it stays, and whoever starts next finds it."""
        self._lock.close()
        self.path = None

    def _fresh(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST):
            path = self._folder / ("unsaved.toml" if number == 1 else f"unsaved-{number}.toml")
            if not path.exists() and not is_locked(_lock(path)):
                with suppress(BadInput):  # another window was faster
                    self._lock.enter_context(locked(_lock(path)))
                    return path
        raise BadInput(f"{self._folder}: no draft can be kept there; make it writable, or remove old drafts")

    def _all(self) -> list[Path]:
        return [path for path in self._folder.glob("unsaved*.toml") if _NAME.fullmatch(path.name)]


def set_apart(path: Path) -> Path:
    """Give a draft that can't be read another name, under which nobody looks for drafts; return where it is now."""
    return path.replace(unused(path.with_name(f"unreadable-{path.name}")))


def _lock(path: Path) -> Path:
    return path.with_name(f"{path.stem}.lock")
