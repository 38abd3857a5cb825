"""User-given metadata of a stored run (name, tags, note) and its parent, in `meta.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.errors import BadInput, reason
from agents.runtime.atomic_write import write_whole
from agents.runtime.escaping import visible, visible_name

META = "meta.json"


@dataclass(frozen=True, slots=True)
class Parent:
    """The run that another one left."""

    run: str
    """Its id."""
    name: str
    step: int
    """Where it was left."""


def read_meta(folder: Path) -> dict[str, Any]:
    """Return what is kept about the run in `folder`; nothing if that can't be read."""
    try:
        found = json.loads((folder / META).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def name_of(meta: Mapping[str, Any], id_: str) -> str:
    """Return how people name a run, in one line; nothing in it steers what shows it."""
    return visible_name(str(meta.get("name", id_)))


def parent_of(folder: Path, meta: Mapping[str, Any]) -> Parent | None:
    """Return which run the one in `folder` left, if it is a fork."""
    kept = meta.get("parent")
    if not isinstance(kept, dict) or not isinstance(kept.get("step"), int):
        return None
    id_ = str(kept.get("run"))
    return Parent(id_, name_of(read_meta(folder.parent / id_), id_), kept["step"])


def changes_of(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a fork changes where it leaves its parent."""
    kept = meta.get("parent")
    changes = kept.get("changes") if isinstance(kept, dict) else None
    return changes if isinstance(changes, dict) else {}


def event_count(folder: Path, meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return it as a row of a list of runs has it."""
    tags, parent = meta.get("tags"), parent_of(folder, meta)
    return {
        "tags": [visible_name(str(tag)) for tag in tags] if isinstance(tags, list) else [],
        "note": visible(str(meta.get("note", ""))),
        "parent": parent.name if parent else None,
        "left_at": parent.step if parent else None,
    }


def described(meta: Mapping[str, Any], name: str, tags: Iterable[str], note: str) -> dict[str, Any]:
    """Return `meta` with another name, other tags and another note; an empty name leaves the old one."""
    known = dict.fromkeys(visible_name(tag.strip()) for tag in tags)
    said = {"tags": [tag for tag in known if tag], "note": visible(note.strip())}
    return {**meta, **({"name": visible_name(name.strip())} if name.strip() else {}), **said}


def write_meta(folder: Path, meta: Mapping[str, Any]) -> None:
    """Keep this about the run in `folder`. Raises `BadInput` where that can't be written."""
    try:
        write_whole(folder / META, json.dumps(meta, indent=2).encode())
    except OSError as error:
        raise BadInput(f"{folder / META}: cannot be written ({reason(error)}); make the folder writable") from error
