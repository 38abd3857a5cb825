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
from agents.store.story_loader import NUMEROUS, fill
from agents.store.task_weights import Arrays, ArraysByTask
from agents.store.writer import RunWriter
from agents.story import Story
from agents.story.live_config import live_config
from agents.story.summary import summarise

_log = logging.getLogger("palimpsest")
INITIAL_FILES = ("agent.json", "agent.safetensors")
"""Files of the agent that a run was begun from, if it was."""


class Run:
    """One stored run: its config, its events, its checkpoints."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = LogReader(folder / "events.sqlite")
        self._pen = RunWriter(folder)
        self._saves = FullCheckpoints(folder / "states")

    @property
    def id(self) -> str:
        """How files and commands name it."""
        return self.folder.name

    @cached_property
    def meta(self) -> dict[str, Any]:
        """Its name, when it was made and by which versions."""
        return metadata.read_meta(self.folder)

    @property
    def name(self) -> str:
        """How people name it."""
        return metadata.name_of(self.meta, self.id)

    @property
    def created(self) -> str:
        """When it was made, as ISO 8601 local time; empty if that is not known."""
        return str(self.meta.get("created", ""))

    @cached_property
    def config(self) -> RunConfig:
        """The settings it was begun with. Raises `BadInput` if they can't be read."""
        return config_file.load(self.folder / "config.toml")

    def describe(self, name: str, tags: Iterable[str], note: str) -> None:
        """Call it so, and keep what a person says of it; its id stays. Raises `BadInput` if that can't be written."""
        self.meta = metadata.described(self.meta, name, tags, note)
        metadata.write_meta(self.folder, self.meta)

    def initial_files(self) -> dict[str, bytes]:
        """Return the files of the agent it was begun from, by name; empty if it began untrained. Raises OSError."""
        stored = self.meta.get("initial_files", ())
        return {name: (self.folder / name).read_bytes() for name in INITIAL_FILES if name in stored}

    def record(self, events: Iterable[Event], since: CheckpointPosition | None = None) -> Generator[Event]:
        """Store events while they pass by. Closing it, or an error in `events`, leaves a readable run.

        `since` takes back what was stored after that moment. Raises `BadInput` if another
        process is writing this run.
        """
        with self._pen.recording() as log:
            try:
                if since is not None:
                    self._take_back(since)
                for event in events:
                    with self._pen:
                        log.append(event)
                    yield event
            finally:
                if isinstance(events, Generator):
                    events.close()

    def abandon(self) -> None:
        """Take the run from the thread that records it and hangs: whatever that still does is refused.

        Another one may then go on with it. Raises `BadInput` if the thread hangs while it writes.
        """
        self._pen.take()

    def replay(self, since: int = 0) -> Iterator[Event]:
        """Tell the story again, event by event, as it was recorded; transient kinds are left out.

        `since` leaves out so many events at the beginning.
        """
        return self._log.replay(since)

    def story(self) -> Story:
        """Return the whole story at once: episodes by columns, not an object an event."""
        story = self._told(leaving_out=NUMEROUS)
        fill(story, self._log)
        parent = metadata.parent_of(self.folder, self.meta)
        story.run, story.parent = self.id, None if parent is None else (parent.run, parent.step)
        return story

    def summary(self) -> dict[str, Any]:
        """Return what the run came to; see `agents.story.summary`."""
        return summarise(self._outline(), self.id)

    def overview(self) -> dict[str, Any]:
        """Return a row of a list of runs: the summary's headlines."""
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
            **metadata.event_count(self.folder, self.meta),
        }

    def keep(self, step: int, arrays: Arrays, about: Mapping[str, Any], task_arrays: ArraysByTask | None = None) -> str:
        """Store a checkpoint and return its name; `about` is JSON data, `task_arrays` what columns wear instead."""
        with self._pen:
            return weight_checkpoints.keep(self.folder / "checkpoints", step, arrays, about, task_arrays=task_arrays)

    def checkpoints(self) -> list[int]:
        """Return the steps at which there is a checkpoint, in order."""
        return weight_checkpoints.steps(self.folder / "checkpoints")

    def checkpoint_at(self, step: int | None = None) -> tuple[dict[str, NDArray[Any]], dict[str, Any], int]:
        """Return arrays, what was said about them, and the step of the newest checkpoint at or before `step`.

        None asks for the newest of all. Instead of a damaged one, the one before is taken, and
        the log says so. Raises `BadInput` if there is none.
        """
        kept = [known for known in self.checkpoints() if step is None or known <= step]
        if not kept:
            where = "" if step is None else f" at or before step {step}"
            raise BadInput(f"run {self.id} has no checkpoint{where}")
        for known in reversed(kept[1:]):
            try:
                return *weight_checkpoints.load(self.folder / "checkpoints", known), known
            except BadInput as damage:
                _log.warning("%s; the one before is taken", damage)
        return *weight_checkpoints.load(self.folder / "checkpoints", kept[0]), kept[0]

    def checkpoint_files(self, step: int) -> list[str]:
        """Return the names of the files that the checkpoint made right at `step` consists of, its manifest last."""
        return weight_checkpoints.files(self.folder / "checkpoints", step)

    def task_arrays_at(self, step: int) -> ArraysByTask:
        """Return what columns wear instead of the weights of the checkpoint made right at `step`. Raises `BadInput`."""
        return weight_checkpoints.task_arrays(self.folder / "checkpoints", step)

    @property
    def event_count(self) -> int:
        """How many events there are, written or waiting."""
        log = self._pen.log
        return len(self._log) if log is None else log.event_count

    def save(self, step: int, arrays: Arrays, plain: Checkpoint, told: int | None = None) -> str:
        """Store a full checkpoint, made after so many events or now; return its name. Raises OSError."""
        with self._pen:
            sequence = len(self._log) if self._pen.log is None else self._pen.log.settle()
            point = CheckpointPosition(step, sequence if told is None else told, plain["occasion"] == "stage")
            return self._saves.write(point, arrays, plain)

    @property
    def trouble(self) -> str:
        """Why what was told waits in memory to be written; empty if it doesn't."""
        return "" if self._pen.log is None else self._pen.log.trouble

    def settle(self) -> None:
        """Write what waits. Raises OSError if that still can't be done."""
        with self._pen:
            if self._pen.log is not None:
                self._pen.log.settle()

    def saves(self) -> list[CheckpointPosition]:
        """Return where there are full checkpoints, oldest first."""
        return self._saves.points()

    def load(self, point: CheckpointPosition) -> FullCheckpoint:
        """Read a full checkpoint. Raises `agents.store.full_checkpoints.Damaged` unless it is whole."""
        return self._saves.load(point)

    def saved_files(self, point: CheckpointPosition) -> list[str]:
        """Return the names of the files that the full checkpoint made at `point` consists of, its manifest last."""
        return self._saves.files(point)

    def saved(self, step: int | None = None) -> FullCheckpoint:
        """Return the newest whole full checkpoint, made at `step` at the latest, or else the beginning."""
        return self._saves.newest(step, len(self._log))

    def inherit(self, parent: Run, point: CheckpointPosition) -> None:
        """Begin as `parent` was at `point`: its events, weights and full checkpoint. Raises OSError."""
        with self._pen.recording() as log:
            log.copy(parent.folder / "events.sqlite", point.sequence)
        weight_checkpoints.copy(parent.folder / "checkpoints", self.folder / "checkpoints", point.step)
        if point.sequence:
            self._saves.adopt(parent._saves, point)

    @property
    def state(self) -> str:
        """How it stands: done, stopped, fault, running or interrupted."""
        return self._state(self._outline().finished)

    @property
    def is_busy(self) -> bool:
        """Whether it is being written right now, by this process or another."""
        return is_locked(self.folder / "lock")

    def _take_back(self, point: CheckpointPosition) -> None:
        """Forget what came after `point`, the checkpoints first: none may know more than the story does."""
        with self._pen:
            self._saves.drop_after(point.sequence)
            weight_checkpoints.drop_after(self.folder / "checkpoints", point.step)
            if self._pen.log is not None:
                self._pen.log.cut(point.sequence)

    def _outline(self) -> Story:
        """Return the story without what comes in great numbers."""
        return self._told(leaving_out=NUMEROUS)

    def _told(self, leaving_out: Sequence[type[Event]] = ()) -> Story:
        story = Story(self._log.events(leaving_out))
        story.step, story.seconds = self._log.latest()
        if not story.curricula:
            story.config = self.config
        return story

    def _state(self, finished: RunFinished | None) -> str:
        if finished is not None:
            return finished.reason
        return "running" if self.is_busy else "interrupted"
