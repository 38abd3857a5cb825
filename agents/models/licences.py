"""The licence of a model, as its folder states it."""

from __future__ import annotations

import re
from pathlib import Path

FILES = ("LICENSE*", "LICENCE*", "COPYING*")
READ, SAID = 65_536, 80
"""Bytes that are read of a file, and letters that are shown of a licence."""
_FRONT = re.compile(r"\A\s*---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_LINE = re.compile(r"^(license(?:_name)?)\s*:[ \t]*(?:\n\s*-\s*)?[\"']?([^\"'\n#]+)", re.MULTILINE)


def stated_licence(folder: Path) -> str:
    """Return what the model card's front matter or else a licence's file says; empty where neither does."""
    card = next((path for path in sorted(folder.glob("[Rr][Ee][Aa][Dd][Mm][Ee].md"))), None)
    return (_of_card(_read(card)) if card else "") or next(filter(None, map(_of_file, _files(folder))), "")


def _of_card(text: str) -> str:
    front = _FRONT.match(text)
    told = dict(_LINE.findall(front[1])) if front else {}
    kind = str(told.get("license", "")).strip()
    named = str(told.get("license_name", "")).strip()
    return (named if kind in ("", "other") and named else kind)[:SAID]


def _files(folder: Path) -> list[Path]:
    return [path for pattern in FILES for path in sorted(folder.glob(pattern)) if path.is_file()]


def _of_file(path: Path) -> str:
    """Return a licence's title: the first line that is not empty."""
    return next((line.strip()[:SAID] for line in _read(path).splitlines() if line.strip()), "")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(READ).decode(errors="replace").replace("\r\n", "\n")
    except OSError:
        return ""
