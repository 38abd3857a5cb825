"""File dialogs for saving: they append the suffix and ask before replacing anything."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from widgets.shell.question import ask
from widgets.style.translation import tr

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$"}) | {
    f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"
}
"""Device names, which no file can have on Windows, with or without a suffix."""
_MAX_BYTES = 200
"""Maximum length of a name in UTF-8; most file systems allow 255 bytes, of which drafts and suffixes need some."""


def file_name(title: str) -> str:
    """Return a file name, valid on every system, for a title."""
    name = _FORBIDDEN.sub("-", title).strip(" .")
    name = name.encode("utf-8", "ignore")[:_MAX_BYTES].decode("utf-8", "ignore").rstrip(" .")
    if name.split(".")[0].strip().lower() in _DEVICES:
        return f"_{name}"
    return name if name.strip("-. ") else tr("Untitled")


def ask_for_file(
    parent: QWidget, title: str, name: str, kinds: Mapping[str, str], folder: Path | None = None
) -> Path | None:
    """Ask where to write a file; return its path, or None if the user cancels.

    The dialog suggests `name`, in `folder` or the home folder. `kinds` are its filters by suffix, `{".png":
    "Pictures (*.png)"}`; the chosen filter's suffix is appended to a name without one of these suffixes.
    """
    start = (folder or Path.home()) / f"{file_name(name)}{next(iter(kinds))}"
    # not by the dialog, which checks the name as typed, without the suffix that is appended
    option = QFileDialog.Option.DontConfirmOverwrite
    chosen, kind = QFileDialog.getSaveFileName(parent, title, str(start), ";;".join(kinds.values()), "", option)
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() not in kinds:
        suffixes = {filter_: suffix for suffix, filter_ in kinds.items()}
        path = path.with_name(f"{path.name}{suffixes.get(kind, next(iter(kinds)))}")
    return path if may_replace(parent, path) else None


def ask_for_folder(parent: QWidget, title: str, name: str) -> Path | None:
    """Ask where to create a folder of this name; return its path, or None if the user cancels."""
    chosen = QFileDialog.getExistingDirectory(parent, title, str(Path.home()))
    if not chosen:
        return None
    path = Path(chosen) / name
    return path if may_replace(parent, path) else None


def may_replace(parent: QWidget, path: Path) -> bool:
    """Return whether `path` does not exist, or the user agrees to replace it."""
    if not os.path.lexists(path):
        return True
    question = tr("‘{name}’ is there already. Replace it?", name=path.name)
    if path.is_dir():
        question = tr("The folder ‘{name}’ is there already. Replace the files in it?", name=path.name)
    return ask(parent, question, {"replace": tr("Replace")}, detail=str(path.parent)) == "replace"
