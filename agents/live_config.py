"""The settings of a run as they stand, after what was changed while it went on."""

from __future__ import annotations

from agents.commands import Configure
from agents.config import RunConfig
from agents.story import Story


def live_config(story: Story, step: int | None = None) -> RunConfig:
    """Return the settings that the run of `story` followed at `step`; None: at its end."""
    config = story.config
    for mark in story.until(step).marks:
        if isinstance(mark.command, Configure) and mark.command.changes:
            config = config.changed(mark.command.changes)
    return config
