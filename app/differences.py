"""How the settings of two runs differ, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agents.config import RunConfig
from widgets.words import tr

MOST = 4
"""Differences that are told one by one; a line must stay a line."""


def differences(here: RunConfig, there: RunConfig) -> str:
    """Return what `there` has otherwise than `here`, or nothing."""
    ours, theirs = dict(_flat(here.model_dump())), dict(_flat(there.model_dump()))
    found = [
        f"{path} {_said(theirs, path)} ({_said(ours, path)})"
        for path in sorted(ours.keys() | theirs.keys())
        if ours.get(path) != theirs.get(path)
    ]
    more = len(found) - MOST
    return ", ".join(found[:MOST]) + (tr(" and {count} more", count=more) if more > 0 else "")


def _said(settings: Mapping[str, Any], path: str) -> str:
    return str(settings.get(path, "–"))


def _flat(settings: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{under}{key}.")
        elif under or key not in ("name", "stages"):
            # the title says nothing of how it was learned, and the clips can be seen on the timeline
            yield f"{under}{key}", value
