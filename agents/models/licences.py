"""Find the licence that a model's folder states."""

from __future__ import annotations

import re
from pathlib import Path

FILES = ("LICENSE*", "LICENCE*", "COPYING*")
MAX_BYTES, MAX_LENGTH = 65_536, 80
"""Bytes to read of a file, and characters to show of a licence."""
_FRONT = re.compile(r"\A\s*---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_LINE = re.compile(r"^(license(?:_name)?)\s*:[ \t]*(?:\n\s*-\s*)?[\"']?([^\"'\n#]+)", re.MULTILINE)


def stated_licence(folder: Path) -> str:
    """Return the licence by the model card's front matter, or else by a licence file; empty if neither states one."""
    card = next((path for path in sorted(folder.glob("[Rr][Ee][Aa][Dd][Mm][Ee].md"))), None)
    return (_of_card(_read(card)) if card else "") or next(filter(None, map(_of_file, _files(folder))), "")


def _of_card(text: str) -> str:
    front = _FRONT.match(text)
    fields = dict(_LINE.findall(front[1])) if front else {}
    kind = str(fields.get("license", "")).strip()
    named = str(fields.get("license_name", "")).strip()
    return (named if kind in ("", "other") and named else kind)[:MAX_LENGTH]


def _files(folder: Path) -> list[Path]:
    return [path for pattern in FILES for path in sorted(folder.glob(pattern)) if path.is_file()]


def _of_file(path: Path) -> str:
    """Return a licence's title: the first line that is not empty."""
    return next((line.strip()[:MAX_LENGTH] for line in _read(path).splitlines() if line.strip()), "")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES).decode(errors="replace").replace("\r\n", "\n")
    except OSError:
        return ""
