"""Titles of setting changes in the Edit menu."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from agents.config import RunConfig
from widgets.forms.field_editors import field_title
from widgets.forms.field_titles import field_label
from widgets.style.translation import tr


def setting_title(config: RunConfig, changes: Mapping[str, Any]) -> str:
    """Return a title for changes of `config`: a setting, a part of the run, or "Settings" for several parts."""
    parts = [path.removesuffix(".name").partition(".")[0] for path in changes if path.endswith(".name")]
    if len(changes) == 1 and not parts:
        table, _, name = next(iter(changes)).rpartition(".")
        return field_label(type(attrgetter(table)(config) if table else config), name)
    if "model" in parts:
        return field_title("model")
    tables = {path.partition(".")[0] for path in changes}
    return field_title(tables.pop()) if len(tables) == 1 else tr("Settings")


def gesture(changes: Mapping[str, Any]) -> str:
    """Return a key by which successive changes of one number are merged into one undo step; empty for other changes."""
    (path, value), *others = changes.items() or [("", "")]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return path if is_number and not others else ""


def in_a_sentence(title: str) -> str:
    """Return a title for use within a sentence: in lower case, unless it begins with an abbreviation."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title
