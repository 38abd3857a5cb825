"""How the settings of two runs differ, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agents.config import RunConfig
from widgets.words import tr

MOST = 4
"""Differences that are told one by one; a line must stay a line."""
KIND = ".name"
"""How the path of a setting ends that says which of several kinds a part is."""


def differences(here: RunConfig, there: RunConfig) -> str:
    """Return what `there` has otherwise than `here`, or nothing; of another kind of part, only which it is."""
    ours, theirs = dict(_flat(here.model_dump())), dict(_flat(there.model_dump()))
    odd = [path for path in sorted(ours.keys() | theirs.keys()) if ours.get(path) != theirs.get(path)]
    kinds = [path for path in odd if path.endswith(KIND)]
    below = tuple(path.removesuffix(KIND) + "." for path in kinds)
    told = [*kinds, *(path for path in odd if not path.startswith(below))]
    found = [f"{path} {_said(theirs, path)} ({_said(ours, path)})" for path in told]
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
