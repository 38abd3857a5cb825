"""The settings of a run after all changes that were made while it ran."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.commands import Configure
from agents.config import RunConfig
from agents.story import Story


def live_config(story: Story, changes: Mapping[str, Any] | None = None, until: int | None = None) -> RunConfig:
    """Return the settings that a run follows at step `until`, begun with `changes` of what its story says.

    A change that makes no sense, from a file that was written by hand, is left out.
    """
    asked = [mark.command.changes for mark in story.until(until).marks if isinstance(mark.command, Configure)]
    config = story.config
    for change in (dict(changes or {}), *asked):
        try:
            config = config.changed(change) if change else config
        except ValueError:
            continue
    return config
