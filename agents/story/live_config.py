"""The settings of a run after all changes that were made while it ran."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.commands import Configure
from agents.config import RunConfig
from agents.story import Story


def live_config(story: Story, changes: Mapping[str, Any] | None = None, until: int | None = None) -> RunConfig:
    """Return the settings of a run at step `until`: its config, `changes` at its start, and later commands.

    Invalid changes, as from a hand-written file, are skipped.
    """
    commanded = [mark.command.changes for mark in story.until(until).marks if isinstance(mark.command, Configure)]
    config = story.config
    for change in (dict(changes or {}), *commanded):
        try:
            config = config.changed(change) if change else config
        except ValueError:
            continue
    return config
