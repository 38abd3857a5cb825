"""What panels are shown: stories, and where in them the reader stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from agents.story import Story
from widgets.style.task_colours import Hues


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One picture of the lab: the run in front, those laid over it, and the moment looked at."""

    story: Story | None = None
    """The run in front, live or stored."""
    name: str = ""
    """What the run in front is called."""
    folder: Path | None = None
    """Where the run in front is stored."""
    parent: tuple[str, int] | None = None
    """Name of the run that the one in front left, and the step at which; it may be among the overlays."""
    overlays: tuple[tuple[str, Story], ...] = ()
    """Other runs to compare with, by name."""
    playhead: int | None = None
    """The step that is looked at; None follows the run."""
    state: Literal["idle", "preparing", "running", "paused", "stored"] = "idle"
    """`stored`: the run in front is a finished one."""
    colours: Hues = field(default_factory=dict)
    """Which colour each task has, in every run and in the plan."""
