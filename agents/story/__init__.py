"""Events of a run folded into columns, and views of it up to any step.

Running, stored and compared runs are the same object, so a panel that can draw one can draw
them all. A story only grows; `story.until(step)` is a view of it as it was at an earlier step.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np

from agents.commands import EditCurriculum
from agents.config import RunConfig
from agents.events import (
    Adapted,
    CommandApplied,
    CommandRefused,
    EpisodeFinished,
    Evaluated,
    Event,
    Fault,
    KnowledgeChanged,
    KnowledgeEntry,
    MemoryChanged,
    MemoryEntry,
    Resumed,
    RolledBack,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    TasksChanged,
    Updated,
)
from agents.metrics import Matrix, Metric, metrics
from agents.story.columns import Column, Columns
from agents.story.knowledge import KnowledgeHistory
from agents.story.memories import MemoryHistory
from envs.curriculum import Stage
from envs.task import Task

__all__ = ["Clip", "Metric", "Score", "Story", "View"]


@dataclass(frozen=True, slots=True)
class Clip:
    """A stage that has started: its first and last step, and why it ended."""

    index: int
    task_id: int
    stage: Stage
    start: int
    end: int | None = None
    """None while it runs."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """One evaluation."""

    step: int
    index: int
    scores: tuple[float | None, ...]
    final: bool


_STEP = attrgetter("step")


class Story:
    """Folds events into columns."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.config = RunConfig()
        self.agent: Mapping[str, Any] = {}
        self.step = 0
        self.seconds = 0.0
        self.rate = 0.0
        self.tasks: tuple[Task, ...] = ()
        self.episodes = Columns(
            step=np.int64,
            seconds=np.float32,
            index=np.int32,
            task_id=np.int16,
            reward=np.float32,
            score=np.float32,
            length=np.int32,
        )
        """A row for each episode. There may be millions, so floats are 32-bit; the event log has them exactly."""
        self.updates: dict[str, Columns] = {}
        """A table for each loss term, with columns `step`, `seconds` and `value`."""
        self.evaluations: list[Score] = []
        self.adaptations: list[Adapted] = []
        self.clips: list[Clip] = []
        self.curricula: list[tuple[int, tuple[Stage, ...]]] = []
        """The planned stages, with the step from which each plan holds."""
        self.memories = MemoryHistory()
        self.knowledge = KnowledgeHistory()
        self.marks: list[CommandApplied] = []
        """Commands that took effect, in order."""
        self.notes: list[Fault | CommandRefused] = []
        self.resumed: list[Resumed] = []
        """Where the run was resumed from a checkpoint, or branched off its parent."""
        self.rolled_back: list[RolledBack] = []
        """Where a stage failed and was rolled back."""
        self.finished: RunFinished | None = None
        self.run = ""
        """Id of the stored run; empty if it is not stored."""
        self.parent: tuple[str, int] | None = None
        """Id of the parent and step of the branch, for a fork."""
        for event in events:
            self.fold(event)

    def fold(self, event: Event) -> None:
        """Add the next event."""
        self.step, self.seconds = max(self.step, event.step), max(self.seconds, event.seconds)
        match event:
            case EpisodeFinished():
                self.episodes.append(**{name: getattr(event, name) for name in self.episodes.names})
            case Updated():
                self._update(event)
            case Evaluated():
                self.evaluations.append(Score(event.step, event.index, event.scores, event.final))
            case MemoryChanged() | KnowledgeChanged():
                self._remember(event)
            case Fault() | CommandRefused():
                self.notes.append(event)
            case Adapted():
                self.adaptations.append(event)
            case RunFinished():
                self.finished = event
            case _:
                self._plan(event)

    def _plan(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.config, self.agent = event.config, event.agent
                self.curricula.append((event.step, event.config.stages))
            case Resumed() | RolledBack():
                events: list[Any] = self.resumed if isinstance(event, Resumed) else self.rolled_back
                events.append(event)
            case TasksChanged():
                self.tasks = event.tasks
            case StageStarted():
                self.clips.append(Clip(event.index, event.task_id, event.stage, event.step))
            case StageFinished():
                self.clips[-1] = replace(self.clips[-1], end=event.step, reason=event.reason)
            case CommandApplied(command=command):
                self.marks.append(event)
                if isinstance(command, EditCurriculum):
                    self.curricula.append((event.step, command.stages))

    def _remember(self, event: MemoryChanged | KnowledgeChanged) -> None:
        if isinstance(event, MemoryChanged):
            self.memories.fold(event)
        else:
            self.knowledge.fold(event)

    def _update(self, event: Updated) -> None:
        self.rate = event.rate
        for name, value in event.terms.items():
            self.term(name).append(step=event.step, seconds=event.seconds, value=value)

    def term(self, name: str) -> Columns:
        """Return the values of a loss term by update: columns step, seconds and value."""
        if name not in self.updates:
            self.updates[name] = Columns(step=np.int64, seconds=float, value=float)
        return self.updates[name]

    @property
    def remembered(self) -> Columns:
        """Number of memory entries added, by step and task."""
        return self.memories.counts

    def until(self, step: int | None = None) -> View:
        """Return a view of the story as of `step`; None stands for the newest step, also later."""
        return View(self, step)


@dataclass(frozen=True, slots=True)
class View:
    """A story as of one step. It reads from the story and copies nothing."""

    story: Story
    limit: int | None

    @property
    def step(self) -> int:
        """The step of the view."""
        return self.story.step if self.limit is None else min(self.limit, self.story.step)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The N tasks of the run: task j is column j of the evaluation matrix."""
        return self.story.tasks

    def episodes(self, name: str) -> Column:
        """Return a column of the N training episodes, (N,): step, seconds, index, task_id, reward, score or length."""
        return self.story.episodes[name][: self.story.episodes.rows_until(self.limit)]

    @property
    def clips(self) -> list[Clip]:
        """The stages started until this step; one that was running then has no end."""
        started = [clip for clip in self.story.clips if clip.start <= self.step]
        return [replace(clip, end=None, reason="") if (clip.end or 0) > self.step else clip for clip in started]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The curriculum as planned at this step."""
        plans = [stages for step, stages in self.story.curricula if step <= self.step]
        return plans[-1] if plans else ()

    @property
    def evaluations(self) -> list[Score]:
        """All evaluations until this step."""
        return self.story.evaluations[: bisect_right(self.story.evaluations, self.step, key=_STEP)]

    def matrix(self) -> tuple[Matrix, list[int | None], list[str]]:
        """Return R, (T + 1, N), `own` (see `agents.metrics`), and the title of each row's stage; row 0 is untrained."""
        rows = [score for score in self.evaluations if score.final or score.index < 0]
        width = len(self.tasks)
        matrix = np.full((len(rows), width), np.nan)
        own: list[int | None] = [None] * width
        titles = []
        by_index = {clip.index: clip for clip in self.clips}
        for index, row in enumerate(rows):
            known = [np.nan if value is None else value for value in row.scores[:width]]
            matrix[index, : len(known)] = known
            clip = by_index.get(row.index)
            titles.append("" if clip is None else clip.stage.configured_task.title)
            if clip is not None and clip.reason != "fault" and clip.task_id < width:
                own[clip.task_id] = index
        return matrix, own, titles

    def metrics(self) -> dict[str, float | None]:
        """Return every metric of `agents.metrics.METRICS` at this step."""
        matrix, own, _ = self.matrix()
        return metrics(matrix, own) if len(matrix) else {}

    def curve(self, task_id: int) -> tuple[Column, Column]:
        """Return steps and scores, (K,) each, of the K evaluations of one task."""
        points = [
            (score.step, score.scores[task_id])
            for score in self.evaluations
            if task_id < len(score.scores) and score.scores[task_id] is not None
        ]
        steps, scores = zip(*points, strict=True) if points else ((), ())
        return np.array(steps, dtype=np.int64), np.array(scores, dtype=float)

    @property
    def memory_version(self) -> int:
        """Number of changes of the memory until this step: equal versions of a story have equal entries."""
        return self.story.memories.version(self.step)

    def memory(self) -> list[MemoryEntry]:
        """Return the memory entries at this step, oldest first."""
        return self.story.memories.at(self.step)

    def memory_counts(self) -> dict[int, int]:
        """Return the number of memory entries at this step, by task id."""
        return self.story.memories.counts_at(self.step)

    def pinned(self) -> set[int]:
        """Return the ids of the pinned memories."""
        return self.story.memories.pinned(self.step)

    @property
    def knowledge_version(self) -> int:
        """Number of changes of the knowledge base until this step: equal versions of a story have equal entries."""
        return self.story.knowledge.version(self.step)

    def knowledge(self) -> list[KnowledgeEntry]:
        """Return the entries of the knowledge base at this step, oldest first."""
        return self.story.knowledge.at(self.step)

    @property
    def marks(self) -> list[CommandApplied]:
        """Commands that took effect until this step."""
        return self.story.marks[: bisect_right(self.story.marks, self.step, key=_STEP)]

    @property
    def adaptations(self) -> list[Adapted]:
        """All tests of adaptation until this step."""
        return self.story.adaptations[: bisect_right(self.story.adaptations, self.step, key=_STEP)]

    @property
    def resumed(self) -> list[Resumed]:
        """Where the run was resumed or branched off its parent, until this step."""
        return [event for event in self.story.resumed if event.step <= self.step]
