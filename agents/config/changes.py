"""The differences between two run configurations, by dotted path. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from agents.config import RunConfig
from agents.config.strategy_pair import choice, parts_of, spelling

APART = ("name", "stages", "strategy")
"""Fields that are no table of settings; a strategy may be a pair and is compared by its parts."""


def changes_between(before: RunConfig, after: RunConfig) -> dict[str, Any]:
    """Return the fewest changes with which `before.changed(changes)` has the settings of `after`.

    Title and stages are left out. A part of another kind is named, with what it has otherwise than by default.
    """
    found: dict[str, Any] = dict(_of_strategy(before, after))
    for key in RunConfig.model_fields:
        if key not in APART:
            found |= _of_field(key, getattr(before, key), getattr(after, key))
    return found


def _of_strategy(before: RunConfig, after: RunConfig) -> Iterator[tuple[str, Any]]:
    parts, others = parts_of(before.strategy), parts_of(after.strategy)
    if spelling(before.strategy) != spelling(after.strategy):
        yield from choice(*others).items()
        return
    tables = ("strategy",) if len(parts) == 1 else ("strategy.first", "strategy.second")
    for table, part, other in zip(tables, parts, others, strict=True):
        yield from _of_field(table, part, other).items()


def _of_field(path: str, before: Any, after: Any) -> dict[str, Any]:
    if before == after and type(before) is type(after):
        return {}
    if not isinstance(after, BaseModel):
        return {path: after}
    if type(before) is type(after):
        found: dict[str, Any] = {}
        for key in type(after).model_fields:
            found |= _of_field(f"{path}.{key}", getattr(before, key), getattr(after, key))
        return found
    settings = after.model_dump(exclude_defaults=True, exclude={"name"})
    name = type(after).model_fields["name"].default
    return {f"{path}.name": name, **{f"{path}.{key}": value for key, value in settings.items()}}
