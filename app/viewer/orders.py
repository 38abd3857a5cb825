"""Orders of the window to the viewer: frozen, and executed in the viewer's thread one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.events import MemoryEntry
from agents.infer.explanation_data import Milestone
from agents.store.run import Run
from envs.task import Task

if TYPE_CHECKING:  # imports Torch, which the window must not wait for
    from agents.agent import Snapshot


@dataclass(frozen=True, slots=True)
class LoadWeights:
    """Load these weights into the watched agent."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class LoadNewestWeights:
    """Load these weights into the newest agent only, not into the one at the playhead."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class LoadFromRun:
    """Load the last checkpoint of a stored run at or before `step`; None for its newest one."""

    run: Run
    step: int | None


@dataclass(frozen=True, slots=True)
class Compare:
    """Watch the newest agent of a run beside the one at the playhead; None ends the comparison."""

    run: Run | None


@dataclass(frozen=True, slots=True)
class LoadUntrained:
    """Replace the watched agent by an untrained one."""


@dataclass(frozen=True, slots=True)
class ShowTask:
    """Watch a task, from the start of an episode."""

    task: Task
    task_id: int | None
    """Its column in the evaluation matrix; None if it has none."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Start a new episode."""


@dataclass(frozen=True, slots=True)
class StepOnce:
    """Take one step, then pause."""


@dataclass(frozen=True, slots=True)
class Instruct:
    """Give every watched agent an instruction instead of its goal."""

    text: str


@dataclass(frozen=True, slots=True)
class DecideWithout:
    """Repeat the decision of a frame without these sentences of knowledge."""

    ids: tuple[int, ...]
    frame_id: tuple[int, int]
    """Its episode, and its time step in the episode."""


@dataclass(frozen=True, slots=True)
class DrawMemory:
    """Draw the picture of a memory entry."""

    entry: MemoryEntry
    task: Task
    size: int
    """Width and height in pixels."""


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Set the steps per second; 0 pauses."""

    steps_per_second: float


@dataclass(frozen=True, slots=True)
class SetSuspended:
    """Suspend acting and drawing while the view is hidden, or resume."""

    suspended: bool


@dataclass(frozen=True, slots=True)
class SetExplaining:
    """Start or stop to explain the decisions of the watched agent."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class SetPastAgents:
    """Compare decisions with those of earlier agents of a run; None compares with none."""

    run: Run | None
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class SetTheme:
    """Draw for a dark or a light theme."""

    dark: bool


@dataclass(frozen=True, slots=True)
class SetSize:
    """Set the width and height of pictures in pixels, from the next one on."""

    pixels: int


@dataclass(frozen=True, slots=True)
class Wake:
    """Wake the thread, so that it notices the request to end."""


Setting = SetSpeed | SetSuspended | SetExplaining | SetPastAgents | SetTheme | SetSize
"""Orders that hold until the next of their type: a viewer that replaces another receives the last of each."""

Order = (
    LoadWeights
    | LoadNewestWeights
    | LoadFromRun
    | Compare
    | LoadUntrained
    | ShowTask
    | Reset
    | StepOnce
    | Instruct
    | DecideWithout
    | DrawMemory
    | Setting
    | Wake
)


def without_outdated_loads(orders: Sequence[Order]) -> list[Order]:
    """Return `orders` with only the last `LoadFromRun`, at the position of the first.

    Dragging the playhead orders a hundred checkpoints a second, and loading each takes a while.
    """
    loads = [order for order in orders if isinstance(order, LoadFromRun)]
    newest = loads[-1:]
    remaining: list[Order] = []
    for order in orders:
        if isinstance(order, LoadFromRun):
            remaining.extend(newest)
            newest = []
        else:
            remaining.append(order)
    return remaining
