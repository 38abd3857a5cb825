"""Runs that are ready to start: new, resumed or forked.

Each is made in the thread that will live it.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from agents.commands import Command
from agents.config import RunConfig
from agents.events import Event
from agents.runtime.stall import Stall
from agents.story import Story
from envs.curriculum import Stage

if TYPE_CHECKING:  # they import Torch
    from agents.sharing.agent_file import SharedAgent
    from agents.training.resume import Continuation


@dataclass(frozen=True, slots=True)
class Future:
    """Where a run is left, and what is different from then on."""

    step: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Settings by dotted path."""
    stages: tuple[Stage, ...] | None = None
    """The rest of the curriculum; None: the same."""
    name: str | None = None
    """What the new run is called; None: after the old one."""


class Work(Protocol):
    """A run that is ready to go."""

    folder: Path | None
    """Where it is recorded."""
    name: str
    """What people call it."""

    def put(self, command: Command) -> None:
        """Ask something of the run; safe from any thread."""

    def snapshot(self) -> Any:
        """Return the newest weights if there are newer ones, else None; safe from any thread."""

    def phase(self) -> str:
        """Return what the run does now, as `Progress` calls it; safe from any thread."""

    def stall(self, patience: float | None = None) -> Stall | None:
        """Return how the run hangs, if it has taken no step for so many seconds; safe from any thread."""

    def abandon(self) -> None:
        """Refuse whatever the thread that lives the run still writes. Raises `BadInput` if it hangs while it writes."""

    def discard(self) -> None:
        """Leave nothing of a run that nobody wants any more, before `events` are asked for."""

    def recall(self) -> Story | None:
        """Return what was lived before, where the run goes on; asked for once, before `events`."""

    def events(self) -> Generator[Event]:
        """Live the run."""


class RecordedWork:
    """A new run whose events pass through its log; lived by `agent`, or by an untrained one."""

    def __init__(
        self, config: RunConfig, runs: Path, agent: SharedAgent | None = None, without: Collection[str] = ()
    ) -> None:
        # Torch takes two seconds to import, and the window must be painted before
        from agents.store.run_store import RunStore
        from agents.training.start import begin

        begun = begin(RunStore(runs), config, agent, without=without)
        self._run, self._trainer, self._events = begun.run, begun.trainer, begun.events
        self.folder: Path | None = begun.run.folder
        self.name = begun.run.name

    def put(self, command: Command) -> None:
        """Ask something of the run."""
        self._trainer.commands.put(command)

    def snapshot(self) -> Any:
        """Return the newest weights, once."""
        return self._trainer.snapshots.take()

    def phase(self) -> str:
        """Return what the run does now."""
        return self._trainer.heart.phase

    def stall(self, patience: float | None = None) -> Stall | None:
        """Return how the run hangs, if it does."""
        return self._trainer.heart.stall(patience)

    def abandon(self) -> None:
        """Take the run from the thread that lives it."""
        self._run.abandon()

    def discard(self) -> None:
        """Remove the folder of the run."""
        shutil.rmtree(self._run.folder, ignore_errors=True)

    def recall(self) -> Story | None:
        """Nothing was lived before."""
        return None

    def events(self) -> Generator[Event]:
        """Live the run, and record it."""
        return self._events


class ContinuedWork:
    """A stored run that is lived on, or a new one that begins as another was at some step."""

    def __init__(self, continued: Continuation, *, is_new: bool = False) -> None:
        self._continued, self._is_new = continued, is_new
        self.folder: Path | None = continued.run.folder
        self.name = continued.run.name

    def put(self, command: Command) -> None:
        """Ask something of the run."""
        self._continued.trainer.commands.put(command)

    def snapshot(self) -> Any:
        """Return the newest weights, once."""
        return self._continued.trainer.snapshots.take()

    def phase(self) -> str:
        """Return what the run does now."""
        return self._continued.trainer.heart.phase

    def stall(self, patience: float | None = None) -> Stall | None:
        """Return how the run hangs, if it does."""
        return self._continued.trainer.heart.stall(patience)

    def abandon(self) -> None:
        """Take the run from the thread that lives it."""
        self._continued.run.abandon()

    def discard(self) -> None:
        """Remove the folder of a run that was to leave another; one that was to go on stays as it was."""
        if self._is_new:
            shutil.rmtree(self._continued.run.folder, ignore_errors=True)

    def recall(self) -> Story:
        """Begin: what is to be lived again is taken back, and the rest is the past, `Resumed` at its end."""
        next(self._continued.events)  # `Resumed`, which is written at once
        return self._continued.run.story()

    def events(self) -> Generator[Event]:
        """Live on, and record it."""
        return self._continued.events


def resumed(folder: Path, without: Collection[str] = ()) -> ContinuedWork:
    """Return a stored run, ready to go on `without` these Gymnasium worlds. Raises `BadInput` if it can't."""
    from agents.store.run import Run
    from agents.training.resume import resume  # Torch, as above

    return ContinuedWork(resume(Run(folder), without))


def forked(runs: Path, folder: Path, future: Future, without: Collection[str] = ()) -> ContinuedWork:
    """Return a new run that leaves the one in `folder`. Raises `BadInput` if it can't."""
    from agents.store.run import Run
    from agents.store.run_store import RunStore
    from agents.training.resume import Branch, fork  # Torch, as above

    parent = Run(folder)
    branch = Branch(parent.id, future.step, future.changes, future.stages)
    return ContinuedWork(fork(RunStore(runs), parent, branch, future.name, without), is_new=True)
