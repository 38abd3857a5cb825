"""Asking where a file or a folder is to be written: its suffix is appended, and nothing is replaced unasked."""

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
"""Names that no file can have on Windows, whatever follows behind a dot."""
_LONGEST = 200
"""Bytes of a name in UTF-8; most file systems take 255, and drafts and suffixes need some."""


def file_name(title: str) -> str:
    """Return a name that a file can have on every system, after what a person calls the thing."""
    name = _FORBIDDEN.sub("-", title).strip(" .")
    name = name.encode("utf-8", "ignore")[:_LONGEST].decode("utf-8", "ignore").rstrip(" .")
    if name.split(".")[0].strip().lower() in _DEVICES:
        return f"_{name}"
    return name if name.strip("-. ") else tr("Untitled")


def ask_for_file(
    parent: QWidget, title: str, name: str, kinds: Mapping[str, str], folder: Path | None = None
) -> Path | None:
    """Ask where to write a file; return its path, or None where the person would rather not.

    `name` is offered, in `folder` or at home. `kinds` are the file dialog's filters by suffix, `{".png": "Pictures
    (*.png)"}`; the suffix of the chosen one is appended to a name that ends with none of them.
    """
    start = (folder or Path.home()) / f"{file_name(name)}{next(iter(kinds))}"
    # the dialog would ask about the name as it was typed, which may not be the file that is written
    option = QFileDialog.Option.DontConfirmOverwrite
    chosen, kind = QFileDialog.getSaveFileName(parent, title, str(start), ";;".join(kinds.values()), "", option)
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() not in kinds:
        suffixes = {words: suffix for suffix, words in kinds.items()}
        path = path.with_name(f"{path.name}{suffixes.get(kind, next(iter(kinds)))}")
    return path if may_replace(parent, path) else None


def ask_for_folder(parent: QWidget, title: str, name: str) -> Path | None:
    """Ask where to make a folder of this name; return its path, or None where the person would rather not."""
    chosen = QFileDialog.getExistingDirectory(parent, title, str(Path.home()))
    if not chosen:
        return None
    path = Path(chosen) / name
    return path if may_replace(parent, path) else None


def may_replace(parent: QWidget, path: Path) -> bool:
    """Return whether `path` is free, or the person agrees that what is there goes."""
    if not os.path.lexists(path):
        return True
    question = tr("‘{name}’ is there already. Replace it?", name=path.name)
    if path.is_dir():
        question = tr("The folder ‘{name}’ is there already. Replace the files in it?", name=path.name)
    return ask(parent, question, {"replace": tr("Replace")}, detail=str(path.parent)) == "replace"
