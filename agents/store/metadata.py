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
    """The parent of a forked run."""

    run: str
    """Its id."""
    name: str
    step: int
    """The step at which the fork branched off."""


def read_meta(folder: Path) -> dict[str, Any]:
    """Return the metadata of the run in `folder`; empty if it can't be read."""
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return meta if isinstance(meta, dict) else {}


def name_of(meta: Mapping[str, Any], id_: str) -> str:
    """Return the name of a run in one line, with control characters escaped."""
    return visible_name(str(meta.get("name", id_)))


def parent_of(folder: Path, meta: Mapping[str, Any]) -> Parent | None:
    """Return the parent of the run in `folder`; None if it is not a fork."""
    parent = meta.get("parent")
    if not isinstance(parent, dict) or not isinstance(parent.get("step"), int):
        return None
    id_ = str(parent.get("run"))
    return Parent(id_, name_of(read_meta(folder.parent / id_), id_), parent["step"])


def changes_of(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a fork changes where it branches off its parent."""
    parent = meta.get("parent")
    changes = parent.get("changes") if isinstance(parent, dict) else None
    return changes if isinstance(changes, dict) else {}


def overview_fields(folder: Path, meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return tags, note and parent for the run's row in the list of runs."""
    tags, parent = meta.get("tags"), parent_of(folder, meta)
    return {
        "tags": [visible_name(str(tag)) for tag in tags] if isinstance(tags, list) else [],
        "note": visible(str(meta.get("note", ""))),
        "parent": parent.name if parent else None,
        "left_at": parent.step if parent else None,
    }


def described(meta: Mapping[str, Any], name: str, tags: Iterable[str], note: str) -> dict[str, Any]:
    """Return `meta` with new name, tags and note; an empty name leaves the old one."""
    distinct = dict.fromkeys(visible_name(tag.strip()) for tag in tags)
    described = {"tags": [tag for tag in distinct if tag], "note": visible(note.strip())}
    return {**meta, **({"name": visible_name(name.strip())} if name.strip() else {}), **described}


def write_meta(folder: Path, meta: Mapping[str, Any]) -> None:
    """Write the metadata of the run in `folder`. Raises `BadInput` if it can't be written."""
    try:
        write_whole(folder / META, json.dumps(meta, indent=2).encode())
    except OSError as error:
        raise BadInput(f"{folder / META}: cannot be written ({reason(error)}); make the folder writable") from error
