"""Requests that panels send to the session through `Panel.requested`; commands to a run are in `agents.commands`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agents.config import RunConfig
from agents.config.agent import AnyModelConfig
from agents.events import MemoryEntry
from envs.task import Task


@dataclass(frozen=True, slots=True)
class Watch:
    """Show this task in the live view; None follows the task in training."""

    task: Task | None


@dataclass(frozen=True, slots=True)
class WatchSpeed:
    """Set the speed of the live view in steps per second; 0 pauses it."""

    steps_per_second: float


@dataclass(frozen=True, slots=True)
class WatchStep:
    """Advance the live view by one step, then pause it."""


@dataclass(frozen=True, slots=True)
class WatchReset:
    """Reset the environment of the live view: a new episode."""


@dataclass(frozen=True, slots=True)
class WatchBoth:
    """With the playhead in the past, show the agent of that step beside the newest one, or alone."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class InstructAgent:
    """Give the watched agent an instruction in place of its goal; training is not affected."""

    text: str


@dataclass(frozen=True, slots=True)
class DecideWithout:
    """Repeat the decision of a frame (`frame_id`: episode and time step) without the knowledge sentences `ids`."""

    ids: tuple[int, ...]
    frame_id: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PictureMemory:
    """Render the environment of a memory entry, `size` pixels wide; the panel's `show_picture` gets the picture."""

    entry: MemoryEntry
    size: int


@dataclass(frozen=True, slots=True)
class OpenRun:
    """Bring a stored run to the front."""

    folder: Path


@dataclass(frozen=True, slots=True)
class ContinueRun:
    """Resume training of a stored run from its last checkpoint; None: the run in front."""

    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class ForkFrom:
    """Fork a run at `step` (None: at the playhead); `folder` None: the run in front."""

    step: int | None = None
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class DescribeRun:
    """Ask the user for a new name, tags and notes of a stored run."""

    folder: Path


@dataclass(frozen=True, slots=True)
class OverlayRuns:
    """Overlay these stored runs on the one in front; an empty tuple clears the overlays."""

    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class TrashRuns:
    """Move stored runs to the trash."""

    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ExportRun:
    """Export a run's tables and plots to a folder that the user chooses."""

    folder: Path


@dataclass(frozen=True, slots=True)
class RunBenchmark:
    """Run a benchmark in the background; `options` are command-line options."""

    name: str
    options: str


@dataclass(frozen=True, slots=True)
class StopBenchmark:
    """Cancel the running benchmark."""


@dataclass(frozen=True, slots=True)
class ListModels:
    """List the available models and their metadata."""


@dataclass(frozen=True, slots=True)
class ExamineModel:
    """Read the metadata of this model, without loading it."""

    model: AnyModelConfig


@dataclass(frozen=True, slots=True)
class FindModel:
    """Let the user choose a model folder or a GGUF file, and add it to the list."""

    kind: Literal["folder", "file"]


@dataclass(frozen=True, slots=True)
class NameModel:
    """Add a model to the list: a folder, a GGUF file, or a name on the Hugging Face hub."""

    source: str


@dataclass(frozen=True, slots=True)
class UseModel:
    """Use this model in the next run."""

    model: AnyModelConfig


ModelRequest = ListModels | ExamineModel | FindModel | NameModel | UseModel
"""Every request of the models panel."""


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """The next run's settings were edited; `changes` (dotted paths to values) are also sent to a running run."""

    config: RunConfig
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TryWorld:
    """Check whether this Gymnasium environment works here; the result is shown in the task list."""

    gym_id: str


@dataclass(frozen=True, slots=True)
class ShowNotice:
    """Show one line of text to the user."""

    text: str


@dataclass(frozen=True, slots=True)
class MovePlayhead:
    """Move the playhead: every panel shows the run at this step; None follows the newest step."""

    step: int | None
