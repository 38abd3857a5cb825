"""When a trainer writes weight checkpoints and full checkpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from agents.agent import Arrays
from agents.config.learning import CheckpointConfig
from agents.events import CheckpointSaved, Evaluated, Event, StageFinished, StageStarted, Updated
from agents.runtime.clock import Clock
from agents.runtime.gc_pause import gc_paused
from agents.state_tree import split
from agents.store import Storage
from agents.store.checkpoint_contents import Checkpoint, Occasion
from agents.store.full_checkpoints import encoded
from agents.store.task_weights import ArraysByTask
from agents.training.run_state import RunState

Keep = Callable[[int, Arrays, dict[str, Any], ArraysByTask], str]
"""Stores weights by parameter name, their JSON data and the per-task weights at a step; returns the name."""
Save = Callable[[int, Arrays, Checkpoint], str]
"""Stores a full checkpoint at a step, split into arrays and JSON data; returns the name."""
WEIGHT_CHECKPOINTS = 100
"""Minimum number of weight checkpoints over a run."""


SNAPSHOT_SHARE = 0.005
"""Maximum share of the time spent on snapshots for a pause or stop."""


@dataclass(frozen=True, slots=True)
class _StateSnapshot:
    """The complete state between two updates, in memory."""

    step: int
    event_count: int
    """Number of events before it."""
    arrays: Arrays
    rest: bytes


@dataclass(frozen=True, slots=True)
class Write:
    """A write that is due."""

    work: Callable[[], Event | None]
    """Performs the write; returns an event that reports it, or None. Raises OSError if the disk is full."""
    failure: str
    """Template of the message if it fails, with `{error}`."""


class Checkpointer:
    """Decides when weight checkpoints and full checkpoints are due, and writes them."""

    def __init__(self, state: RunState, keep: Keep | None, save: Save | None) -> None:
        self.storage: Storage | None = None
        self._state = state
        self._keep, self._save = keep, save
        self._next_weights = 0
        self._snapshot: _StateSnapshot | None = None
        self._next_snapshot = 0.0
        self.restart()

    def store_in(self, storage: Storage) -> None:
        """Write everything to `storage` from now on."""
        self.storage = storage
        self._keep, self._save = storage.keep, storage.save

    def restart(self) -> None:
        """Restart the schedule when a run starts or is resumed."""
        self._schedule = CheckpointSchedule(self._state.clock, self._state.step)
        self._snapshot, self._next_snapshot = None, 0.0

    def weights(self, event: Event) -> Iterator[Write]:
        """Write the weights if they are due after this event."""
        is_stop = isinstance(event, StageFinished)
        is_due = is_stop or (isinstance(event, Updated | StageStarted) and self._state.step >= self._next_weights)
        if self._keep is not None and is_due:
            self._next_weights = (
                self._state.step + sum(stage.steps for stage in self._state.plan.stages) // WEIGHT_CHECKPOINTS
            )
            yield Write(self._write_weights, "The weights could not be written: {error}")

    def occasion(self, event: Event) -> Occasion | None:
        """Return why a full checkpoint is due after this event; None if none is."""
        match event:
            case StageFinished():
                return "stage"
            case Evaluated(index=-1):  # before the first stage, so that a failure in it can be rolled back
                return "interval"
            case Updated() if self._schedule.is_due(self._state.config.checkpoint, self._state.step):
                return "interval"
        return None

    def everything(self, saved: Callable[[], Checkpoint]) -> Iterator[Write]:
        """Write a full checkpoint, unless the agent has weights that are not finite."""
        if self._save is not None and self._state.agent.is_sound:
            save = self._save
            yield Write(lambda: self._write_state(save, saved), "The checkpoint could not be written: {error}")

    def take_snapshot(self, saved: Callable[[], Checkpoint], *, at_once: bool) -> None:
        """Copy the state between two updates, to be saved if a pause or stop comes before the next update.

        Unless `at_once`, this is only done as often as `SNAPSHOT_SHARE` allows.
        """
        now, storage = self._state.clock.now, self.storage
        began = now()
        if storage is None or not (at_once or began >= self._next_snapshot) or not self._state.agent.is_sound:
            return
        with gc_paused():
            plain, arrays = split(saved())
            self._snapshot = _StateSnapshot(self._state.step, storage.event_count, arrays, encoded(plain))
        self._next_snapshot = now() + (now() - began) / SNAPSHOT_SHARE

    def snapshot(self) -> Iterator[Write]:
        """Write the last snapshot, unless it has been written."""
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is not None:
            yield Write(lambda: self._write_snapshot(snapshot), "The checkpoint could not be written: {error}")

    def events(self) -> Iterator[Write]:
        """Write the events whose last write failed."""
        if self.storage is not None and self.storage.write_error:
            yield Write(self.storage.settle, "Events could not be written: {error}")

    def _write_weights(self) -> Event | None:
        snapshot = self._state.agent.snapshot(self._state.step)
        if self._keep is None:
            return None
        name = self._keep(snapshot.step, snapshot.arrays, snapshot.about, snapshot.task_arrays)
        return CheckpointSaved(step=snapshot.step, name=name)

    def _write_state(self, save: Save, saved: Callable[[], Checkpoint]) -> None:
        began = self._state.clock.now()
        self._state.attempts = 0  # this state lies after the last fault
        with gc_paused():
            plain, arrays = split(saved())
            save(self._state.step, arrays, plain)
        self._schedule.saved(self._state.step, began)
        self._snapshot = None

    def _write_snapshot(self, snapshot: _StateSnapshot) -> None:
        if self.storage is not None:
            rest = json.loads(snapshot.rest)
            self.storage.save(snapshot.step, snapshot.arrays, rest, snapshot.event_count)


class CheckpointSchedule:
    """Decides when a full checkpoint is due, from the time and cost of the last; the first is never delayed."""

    def __init__(self, clock: Clock, step: int) -> None:
        self._clock, self._step = clock, step
        self._saved_at = clock.now()
        self._cost = 0.0
        """Seconds that the last one took."""

    def is_due(self, config: CheckpointConfig, step: int) -> bool:
        """Return whether another full checkpoint is due."""
        elapsed = self._clock.now() - self._saved_at
        by_steps = config.save_steps > 0 and step >= self._step + config.save_steps
        by_time = config.save_minutes > 0 and elapsed >= config.save_minutes * 60
        return (by_steps or by_time) and elapsed >= self._delay(config.max_time_share)

    def saved(self, step: int, began: float) -> None:
        """Record a full checkpoint at `step`, whose write started at second `began` of the clock."""
        self._step, self._saved_at = step, self._clock.now()
        self._cost = self._saved_at - began

    def _delay(self, share: float) -> float:
        """Return the seconds to wait until the last one's cost is at most `share` of the time."""
        return self._cost * (1 - share) / share
