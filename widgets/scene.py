"""The state that panels draw: the stories of runs, and the playhead."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from agents.story import Story
from widgets.style.task_colours import Hues


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything a panel draws at one time: the run in front, the overlaid runs and the playhead."""

    story: Story | None = None
    """The run in front, running or stored."""
    name: str = ""
    """Title of the run in front."""
    folder: Path | None = None
    """Folder of the run in front."""
    parent: tuple[str, int] | None = None
    """Id of the run that the one in front is a fork of, and the step of the fork; it may be among the overlays."""
    overlays: tuple[tuple[str, Story], ...] = ()
    """Other runs to compare with: pairs of name and story."""
    playhead: int | None = None
    """The step that is shown; None follows the newest."""
    state: Literal["idle", "preparing", "running", "paused", "stored"] = "idle"
    """`stored`: the run in front is a finished one."""
    colours: Hues = field(default_factory=dict)
    """Hue of each task, by task identity: the same in every run and in the plan."""
