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
"""Store weights of this step, and what tasks wear instead; return the name they can be found under."""
Save = Callable[[int, Arrays, Checkpoint], str]
"""Store everything that `resume` needs, split into arrays and JSON data; return its name."""
KEPT = 100
"""Copies of the weights that are kept over a run, at least."""


NOTING = 0.005
"""Part of the time that noting the state for a pause may take."""


@dataclass(frozen=True, slots=True)
class _Note:
    """Everything, as it was between two updates."""

    step: int
    event_count: int
    """How many events there were."""
    arrays: Arrays
    rest: bytes


@dataclass(frozen=True, slots=True)
class Write:
    """Something to be written now."""

    work: Callable[[], Event | None]
    """Writes it; returns what is to be told of it. Raises OSError where the disk is full."""
    failure: str
    """What to say where that fails: a template with `{error}`."""


class Checkpointer:
    """Knows when weights and full checkpoints are due, and how they are written."""

    def __init__(self, state: RunState, keep: Keep | None, save: Save | None) -> None:
        self.storage: Storage | None = None
        self._state = state
        self._keep, self._save = keep, save
        self._next_keep = 0
        self._note: _Note | None = None
        self._next_note = 0.0
        self.restart()

    def store_in(self, storage: Storage) -> None:
        """Write everything there from now on."""
        self.storage = storage
        self._keep, self._save = storage.keep, storage.save

    def restart(self) -> None:
        """Count from here: the run begins, or goes on from a full checkpoint."""
        self._rhythm = CheckpointSchedule(self._state.clock, self._state.step)
        self._note, self._next_note = None, 0.0

    def weights(self, event: Event) -> Iterator[Write]:
        """Write the weights if they are due after this event: often enough for a look at any moment of the run."""
        is_stop = isinstance(event, StageFinished)
        is_due = is_stop or (isinstance(event, Updated | StageStarted) and self._state.step >= self._next_keep)
        if self._keep is not None and is_due:
            self._next_keep = self._state.step + sum(stage.steps for stage in self._state.plan.stages) // KEPT
            yield Write(self._write_weights, "The weights could not be written: {error}")

    def occasion(self, event: Event) -> Occasion | None:
        """Return why everything is to be saved after this event, if it is."""
        match event:
            case StageFinished():
                return "stage"
            case Evaluated(index=-1):  # before the first stage: there must be something to go back to
                return "interval"
            case Updated() if self._rhythm.is_due(self._state.config.checkpoint, self._state.step):
                return "interval"
        return None

    def everything(self, saved: Callable[[], Checkpoint]) -> Iterator[Write]:
        """Write a full checkpoint, unless the agent's weights are no numbers."""
        if self._save is not None and self._state.agent.is_sound:
            save = self._save
            yield Write(lambda: self._write_state(save, saved), "The checkpoint could not be written: {error}")

    def note(self, saved: Callable[[], Checkpoint], *, at_once: bool) -> None:
        """Remember the state between two updates: a pause or a stop may come before the next, and is saved here.

        `at_once`: it is coming now. Otherwise only as often as costs next to nothing.
        """
        now, storage = self._state.clock.now, self.storage
        began = now()
        if storage is None or not (at_once or began >= self._next_note) or not self._state.agent.is_sound:
            return
        with gc_paused():
            plain, arrays = split(saved())
            self._note = _Note(self._state.step, storage.event_count, arrays, encoded(plain))
        self._next_note = now() + (now() - began) / NOTING

    def noted(self) -> Iterator[Write]:
        """Write what was remembered last, unless it is written already."""
        note, self._note = self._note, None
        if note is not None:
            yield Write(lambda: self._write_note(note), "The checkpoint could not be written: {error}")

    def events(self) -> Iterator[Write]:
        """Write what was told and could not be written."""
        if self.storage is not None and self.storage.write_error:
            yield Write(self.storage.settle, "What happens could not be written: {error}")

    def _write_weights(self) -> Event | None:
        snapshot = self._state.agent.snapshot(self._state.step)
        if self._keep is None:
            return None
        name = self._keep(snapshot.step, snapshot.arrays, snapshot.about, snapshot.task_arrays)
        return CheckpointSaved(step=snapshot.step, name=name)

    def _write_state(self, save: Save, saved: Callable[[], Checkpoint]) -> None:
        began = self._state.clock.now()
        self._state.attempts = 0  # what is saved has outlived the last fault
        with gc_paused():
            plain, arrays = split(saved())
            save(self._state.step, arrays, plain)
        self._rhythm.saved(self._state.step, began)
        self._note = None

    def _write_note(self, note: _Note) -> None:
        if self.storage is not None:
            self.storage.save(note.step, note.arrays, json.loads(note.rest), note.event_count)


class CheckpointSchedule:
    """Knows how long ago, and how dear, the last full checkpoint was; the first one is never put off."""

    def __init__(self, clock: Clock, step: int) -> None:
        self._clock, self._step = clock, step
        self._second = clock.now()
        self._cost = 0.0
        """Seconds that the last one took."""

    def is_due(self, config: CheckpointConfig, step: int) -> bool:
        """Tell whether it is time for another."""
        passed = self._clock.now() - self._second
        by_steps = config.save_steps > 0 and step >= self._step + config.save_steps
        by_time = config.save_minutes > 0 and passed >= config.save_minutes * 60
        return (by_steps or by_time) and passed >= self._rest(config.max_time_share)

    def saved(self, step: int, began: float) -> None:
        """Note that one was made at `step`, begun at the clock's second `began`."""
        self._step, self._second = step, self._clock.now()
        self._cost = self._second - began

    def _rest(self, share: float) -> float:
        """Return the seconds without saving after which the last one took no more than `share` of all."""
        return self._cost * (1 - share) / share
