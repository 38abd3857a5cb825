"""What a person asks of the lab (not of a run) from within a panel. Frozen; the session answers."""

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
    """Show this task in the live view; None follows the one in training."""

    task: Task | None


@dataclass(frozen=True, slots=True)
class WatchSpeed:
    """Steps per second to watch; 0 holds the picture still."""

    steps_per_second: float


@dataclass(frozen=True, slots=True)
class WatchStep:
    """Watch one step, then hold still."""


@dataclass(frozen=True, slots=True)
class WatchReset:
    """Begin a new episode in the live view."""


@dataclass(frozen=True, slots=True)
class WatchBoth:
    """Where the past is looked at, show the agents of then and now side by side, or the one of then alone."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class Tell:
    """Let the watched agent do this in its goal's place; training goes on without knowing."""

    text: str


@dataclass(frozen=True, slots=True)
class DecideWithout:
    """Take the watched decision of a moment (its episode and time) again, without knowing these sentences."""

    ids: tuple[int, ...]
    frame_id: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PictureMemory:
    """Draw the moment of this entry; the panel's `show_picture(entry_id, picture)` is called with it."""

    entry: MemoryEntry
    size: int


@dataclass(frozen=True, slots=True)
class OpenRun:
    """Bring a stored run to the front."""

    folder: Path


@dataclass(frozen=True, slots=True)
class GoOn:
    """Live a stored run on, from its last checkpoint; None: the run in front."""

    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class ForkFrom:
    """Give a run another future from this step on; None: the moment looked at, of the run in front."""

    step: int | None = None
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class DescribeRun:
    """Give a stored run another name, tags or notes, which the person is asked for."""

    folder: Path


@dataclass(frozen=True, slots=True)
class OverlayRuns:
    """Lay these stored runs over the one in front; an empty tuple clears them."""

    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class TrashRuns:
    """Move stored runs to the trash."""

    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ExportRun:
    """Write a run's tables and plots to a folder that the person chooses."""

    folder: Path


@dataclass(frozen=True, slots=True)
class RunBenchmark:
    """Measure this benchmark in the background, with options as they are typed on the command line."""

    name: str
    options: str


@dataclass(frozen=True, slots=True)
class StopBenchmark:
    """Measure no more."""


@dataclass(frozen=True, slots=True)
class ListModels:
    """Look up which models there are to choose from, and what is known of each."""


@dataclass(frozen=True, slots=True)
class ExamineModel:
    """Look up what is known of this model, without loading it."""

    model: AnyModelConfig


@dataclass(frozen=True, slots=True)
class FindModel:
    """Let the person choose a folder with a model, or a GGUF file, and put it on the list."""

    kind: Literal["folder", "file"]


@dataclass(frozen=True, slots=True)
class NameModel:
    """Put a model on the list: a folder, a GGUF file, or a name of the Hugging Face hub."""

    source: str


@dataclass(frozen=True, slots=True)
class UseModel:
    """Let the next run have this model."""

    model: AnyModelConfig


ModelRequest = ListModels | ExamineModel | FindModel | NameModel | UseModel
"""What the panel of models asks for."""


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """The next run's settings were edited; while a run goes on, `changes` are sent to it as well."""

    config: RunConfig
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TryWorld:
    """Find out whether anybody can live in this Gymnasium world; the bin of tasks is told."""

    gym_id: str


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the person something in one line."""

    text: str


@dataclass(frozen=True, slots=True)
class LookAt:
    """Show every panel this moment of the run; None returns to now."""

    step: int | None
