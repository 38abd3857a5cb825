"""The differences between two run configurations, by dotted path. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from agents.config import RunConfig
from agents.config.strategy_pair import choice, parts_of, spelling

EXCLUDED = ("name", "stages", "strategy")
"""Fields that are compared otherwise or not at all: a strategy may be a pair and is compared by its parts."""


def changes_between(before: RunConfig, after: RunConfig) -> dict[str, Any]:
    """Return the fewest changes with which `before.changed(changes)` has the settings of `after`.

    Title and stages are left out. A part of another kind is given by its name and its non-default settings.
    """
    changes: dict[str, Any] = dict(_strategy_changes(before, after))
    for key in RunConfig.model_fields:
        if key not in EXCLUDED:
            changes |= _field_changes(key, getattr(before, key), getattr(after, key))
    return changes


def _strategy_changes(before: RunConfig, after: RunConfig) -> Iterator[tuple[str, Any]]:
    old_parts, new_parts = parts_of(before.strategy), parts_of(after.strategy)
    if spelling(before.strategy) != spelling(after.strategy):
        yield from choice(*new_parts).items()
        return
    tables = ("strategy",) if len(new_parts) == 1 else ("strategy.first", "strategy.second")
    for table, old, new in zip(tables, old_parts, new_parts, strict=True):
        yield from _field_changes(table, old, new).items()


def _field_changes(path: str, before: Any, after: Any) -> dict[str, Any]:
    if before == after and type(before) is type(after):
        return {}
    if not isinstance(after, BaseModel):
        return {path: after}
    if type(before) is type(after):
        changes: dict[str, Any] = {}
        for key in type(after).model_fields:
            changes |= _field_changes(f"{path}.{key}", getattr(before, key), getattr(after, key))
        return changes
    settings = after.model_dump(exclude_defaults=True, exclude={"name"})
    name = type(after).model_fields["name"].default
    return {f"{path}.name": name, **{f"{path}.{key}": value for key, value in settings.items()}}
