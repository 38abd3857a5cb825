"""A run on disk: one folder with its events and checkpoints."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from agents.config import RunConfig, config_file
from agents.config.strategy_pair import spelling
from agents.errors import BadInput
from agents.events import Event, RunFinished
from agents.store import metadata, weight_checkpoints
from agents.store.checkpoint_contents import Checkpoint
from agents.store.event_log import LogReader
from agents.store.full_checkpoints import CheckpointPosition, FullCheckpoint, FullCheckpoints
from agents.store.lock import is_locked
from agents.store.story_loader import NUMEROUS, add_numerous_events
from agents.store.task_weights import Arrays, ArraysByTask
from agents.store.writer import RunWriter
from agents.story import Story
from agents.story.live_config import live_config
from agents.story.summary import summarise

_log = logging.getLogger("palimpsest")
INITIAL_FILES = ("agent.json", "agent.safetensors")
"""Files of the agent that a run was started from, if it did not start untrained."""


class Run:
    """One stored run: its config, its events, its checkpoints."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = LogReader(folder / "events.sqlite")
        self._writer = RunWriter(folder)
        self._saves = FullCheckpoints(folder / "states")

    @property
    def id(self) -> str:
        """The run's id: the name of its folder."""
        return self.folder.name

    @cached_property
    def meta(self) -> dict[str, Any]:
        """The content of meta.json: name, creation time, versions, tags, note, parent."""
        return metadata.read_meta(self.folder)

    @property
    def name(self) -> str:
        """The run's name."""
        return metadata.name_of(self.meta, self.id)

    @property
    def created(self) -> str:
        """Creation time as ISO 8601 local time; empty if unknown."""
        return str(self.meta.get("created", ""))

    @cached_property
    def config(self) -> RunConfig:
        """The settings that the run started with. Raises `BadInput` if they can't be read."""
        return config_file.load(self.folder / "config.toml")

    def describe(self, name: str, tags: Iterable[str], note: str) -> None:
        """Set name, tags and note; the id stays. Raises `BadInput` if they can't be written."""
        self.meta = metadata.described(self.meta, name, tags, note)
        metadata.write_meta(self.folder, self.meta)

    def initial_files(self) -> dict[str, bytes]:
        """Return the files of the agent that the run started from, by name; empty if untrained. Raises OSError."""
        stored = self.meta.get("initial_files", ())
        return {name: (self.folder / name).read_bytes() for name in INITIAL_FILES if name in stored}

    def record(self, events: Iterable[Event], since: CheckpointPosition | None = None) -> Generator[Event]:
        """Store events and pass them on. Closing the generator, or an error in `events`, leaves a readable run.

        `since` deletes everything stored after that position. Raises `BadInput` if another
        process is writing this run.
        """
        with self._writer.recording() as log:
            try:
                if since is not None:
                    self._truncate(since)
                for event in events:
                    with self._writer:
                        log.append(event)
                    yield event
            finally:
                if isinstance(events, Generator):
                    events.close()

    def abandon(self) -> None:
        """Revoke write access from the hung thread that records the run.

        Another thread may then resume it. Raises `BadInput` if the thread hangs during a write.
        """
        self._writer.revoke()

    def replay(self, since: int = 0) -> Iterator[Event]:
        """Yield the recorded events in order, without the first `since`; transient kinds are not recorded."""
        return self._log.replay(since)

    def story(self) -> Story:
        """Return the whole story; frequent events are loaded by column, without an object each."""
        story = self._story(leaving_out=NUMEROUS)
        add_numerous_events(story, self._log)
        parent = metadata.parent_of(self.folder, self.meta)
        story.run, story.parent = self.id, None if parent is None else (parent.run, parent.step)
        return story

    def summary(self) -> dict[str, Any]:
        """Return the results of the run; see `agents.story.summary`."""
        return summarise(self._outline(), self.id)

    def overview(self) -> dict[str, Any]:
        """Return the run's row in the list of runs."""
        story = self._outline()
        metrics, config = story.until().metrics(), live_config(story, metadata.changes_of(self.meta))
        return {
            "run": self.id,
            "name": self.name,
            "created": self.created,
            "algorithm": config.algorithm.name,
            "strategy": spelling(config.strategy),
            "model": config.model.name,
            "seed": config.seed,
            "steps": story.step,
            **{key: metrics.get(key) for key in ("learned", "average", "forgetting")},
            "state": self._state(story.finished),
            **metadata.overview_fields(self.folder, self.meta),
        }

    def keep(self, step: int, arrays: Arrays, about: Mapping[str, Any], task_arrays: ArraysByTask | None = None) -> str:
        """Store a weight checkpoint, its JSON data `about`, and the per-task weights; return its name."""
        with self._writer:
            return weight_checkpoints.keep(self.folder / "checkpoints", step, arrays, about, task_arrays=task_arrays)

    def checkpoints(self) -> list[int]:
        """Return the steps at which there is a checkpoint, in order."""
        return weight_checkpoints.steps(self.folder / "checkpoints")

    def checkpoint_at(self, step: int | None = None) -> tuple[dict[str, NDArray[Any]], dict[str, Any], int]:
        """Return arrays by parameter name, JSON data and step of the newest checkpoint at or before `step`.

        None stands for the newest of all. A damaged checkpoint is skipped with a warning in the
        log. Raises `BadInput` if there is none. Each array has the shape of its parameter.
        """
        steps = [saved for saved in self.checkpoints() if step is None or saved <= step]
        if not steps:
            where = "" if step is None else f" at or before step {step}"
            raise BadInput(f"run {self.id} has no checkpoint{where}")
        for saved in reversed(steps[1:]):
            try:
                return *weight_checkpoints.load(self.folder / "checkpoints", saved), saved
            except BadInput as damage:
                _log.warning("%s; the checkpoint before it is used", damage)
        return *weight_checkpoints.load(self.folder / "checkpoints", steps[0]), steps[0]

    def checkpoint_files(self, step: int) -> list[str]:
        """Return the names of the files of the checkpoint at exactly `step`, its manifest last."""
        return weight_checkpoints.files(self.folder / "checkpoints", step)

    def task_arrays_at(self, step: int) -> ArraysByTask:
        """Return the per-task weights, by task id, of the checkpoint at exactly `step`. Raises `BadInput`."""
        return weight_checkpoints.task_arrays(self.folder / "checkpoints", step)

    @property
    def event_count(self) -> int:
        """Number of events, written or waiting."""
        log = self._writer.log
        return len(self._log) if log is None else log.event_count

    def save(self, step: int, arrays: Arrays, plain: Checkpoint, sequence: int | None = None) -> str:
        """Store a full checkpoint taken after `sequence` events, or after all; return its name. Raises OSError."""
        with self._writer:
            count = len(self._log) if self._writer.log is None else self._writer.log.settle()
            point = CheckpointPosition(step, count if sequence is None else sequence, plain["occasion"] == "stage")
            return self._saves.write(point, arrays, plain)

    @property
    def write_error(self) -> str:
        """Why events wait in memory instead of on disk; empty if none wait."""
        return "" if self._writer.log is None else self._writer.log.write_error

    def settle(self) -> None:
        """Write all waiting events. Raises OSError if the write fails again."""
        with self._writer:
            if self._writer.log is not None:
                self._writer.log.settle()

    def saves(self) -> list[CheckpointPosition]:
        """Return the positions of all full checkpoints, oldest first."""
        return self._saves.points()

    def load(self, point: CheckpointPosition) -> FullCheckpoint:
        """Read a full checkpoint. Raises `agents.store.full_checkpoints.Damaged` if it is damaged."""
        return self._saves.load(point)

    def saved_files(self, point: CheckpointPosition) -> list[str]:
        """Return the names of the files of the full checkpoint at `point`, its manifest last."""
        return self._saves.files(point)

    def saved(self, step: int | None = None) -> FullCheckpoint:
        """Return the newest undamaged full checkpoint at or before `step`, or the start of the run if there is none."""
        return self._saves.newest(step, len(self._log))

    def copy_history(self, parent: Run, point: CheckpointPosition) -> None:
        """Copy the events, weights and full checkpoint of `parent` up to `point` into this new fork. Raises OSError."""
        with self._writer.recording() as log:
            log.copy(parent.folder / "events.sqlite", point.sequence)
        weight_checkpoints.copy(parent.folder / "checkpoints", self.folder / "checkpoints", point.step)
        if point.sequence:
            self._saves.adopt(parent._saves, point)

    @property
    def state(self) -> str:
        """One of done, stopped, fault, running and interrupted."""
        return self._state(self._outline().finished)

    @property
    def is_busy(self) -> bool:
        """True while this process or another writes the run."""
        return is_locked(self.folder / "lock")

    def _truncate(self, point: CheckpointPosition) -> None:
        """Delete everything after `point`, checkpoints first, so that none is ever newer than the event log."""
        with self._writer:
            self._saves.drop_after(point.sequence)
            weight_checkpoints.drop_after(self.folder / "checkpoints", point.step)
            if self._writer.log is not None:
                self._writer.log.cut(point.sequence)

    def _outline(self) -> Story:
        """Return the story without episodes and other frequent events."""
        return self._story(leaving_out=NUMEROUS)

    def _story(self, leaving_out: Sequence[type[Event]] = ()) -> Story:
        story = Story(self._log.events(leaving_out))
        story.step, story.seconds = self._log.latest()
        if not story.curricula:
            story.config = self.config
        return story

    def _state(self, finished: RunFinished | None) -> str:
        if finished is not None:
            return finished.reason
        return "running" if self.is_busy else "interrupted"
