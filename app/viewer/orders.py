"""What the window asks of the viewer: frozen orders, carried out in the viewer's thread one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.events import MemoryEntry
from agents.infer.explanation_data import Milestone
from agents.store.run import Run
from envs.task import Task

if TYPE_CHECKING:  # it brings Torch, which the window does not wait for
    from agents.agent import Snapshot


@dataclass(frozen=True, slots=True)
class LoadWeights:
    """Go on with these weights."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class LoadNewest:
    """Give these weights to the agent of now only; the one of then keeps its own."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class LoadFromRun:
    """Go on with the weights that a stored run kept at `step` or last before it; None: its newest ones."""

    run: Run
    step: int | None


@dataclass(frozen=True, slots=True)
class Compare:
    """Watch the newest agent of a run beside the one that is watched; None ends that."""

    run: Run | None


@dataclass(frozen=True, slots=True)
class Renew:
    """Go on with an untrained agent."""


@dataclass(frozen=True, slots=True)
class Show:
    """Watch another task, from the start of an episode."""

    task: Task
    task_id: int | None
    """Its place in the matrix; None if it has none."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Begin a new episode."""


@dataclass(frozen=True, slots=True)
class ActOnce:
    """Act once, then hold still."""


@dataclass(frozen=True, slots=True)
class Instruct:
    """Let every watched agent do what a person asks, in its goal's place."""

    text: str


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """Take the decision of a moment again, without these sentences."""

    ids: tuple[int, ...]
    frame_id: tuple[int, int]
    """Its episode, and its time in that."""


@dataclass(frozen=True, slots=True)
class DrawMemory:
    """Paint a remembered moment."""

    entry: MemoryEntry
    task: Task
    size: int
    """Pixels along each side."""


@dataclass(frozen=True, slots=True)
class SetPace:
    """Watch this many steps a second; 0 holds still."""

    steps_per_second: float


@dataclass(frozen=True, slots=True)
class SetResting:
    """Stop acting and painting while nobody looks, or go on."""

    resting: bool


@dataclass(frozen=True, slots=True)
class SetExplaining:
    """Say from now on why the watched agent decides as it does, or no longer."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class SetEarlier:
    """Compare decisions from now on with those of earlier agents of a run; None: with no one's."""

    run: Run | None
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class SetTheme:
    """Paint for a dark or a light theme."""

    dark: bool


@dataclass(frozen=True, slots=True)
class SetSize:
    """Paint so many pixels along each side, from the next picture on."""

    pixels: int


@dataclass(frozen=True, slots=True)
class Wake:
    """Wake the thread, so that it sees that it was asked to end."""


Setting = SetPace | SetResting | SetExplaining | SetEarlier | SetTheme | SetSize
"""Orders that hold until the next of their kind: a viewer in the place of another is given the last of each."""

Order = (
    LoadWeights
    | LoadNewest
    | LoadFromRun
    | Compare
    | Renew
    | Show
    | Reset
    | ActOnce
    | Instruct
    | LeaveOut
    | DrawMemory
    | Setting
    | Wake
)


def without_outdated_recalls(orders: Sequence[Order]) -> list[Order]:
    """Return `orders` with the last `LoadFromRun` in the place of the first, and no other.

    Dragging the playhead asks for a hundred moments a second, and each takes a while to load.
    """
    recalls = [order for order in orders if isinstance(order, LoadFromRun)]
    newest = recalls[-1:]
    kept: list[Order] = []
    for order in orders:
        if isinstance(order, LoadFromRun):
            kept.extend(newest)
            newest = []
        else:
            kept.append(order)
    return kept
