"""The events of a run: frozen, picklable, free of Torch and Qt.

`step` counts environment steps since the run began, `seconds` the time since then.
Kinds in `TRANSIENT` are only for consumers of the running stream; the recorder leaves them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agents.commands import Command
from agents.config import RunConfig
from envs.curriculum import Stage
from envs.requests import Request
from envs.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events."""

    step: int
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A run begins; `agent` describes the agent, for example its number of weights and its device."""

    config: RunConfig
    agent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksChanged(Event):
    """The columns of the evaluation matrix, by task id; new tasks are appended."""

    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted(Event):
    """A stage begins. `index` counts the stages begun so far; `task_id` is the column of its task in the matrix."""

    index: int
    task_id: int
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFinished(Event):
    """A stage has ended: its budget is spent, its score gate reached, or it was removed, stopped or has failed."""

    index: int
    reason: Literal["budget", "gate", "cut", "stopped", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeFinished(Event):
    """One training episode ended."""

    index: int
    task_id: int
    reward: float
    score: float
    """From 0 to 1."""
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated(Event):
    """The agent took its gradient steps on one rollout."""

    index: int
    terms: Mapping[str, float]
    """Loss terms and diagnostics by name, averaged over the gradient steps."""
    rate: float
    """Environment steps per second since the last update."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated(Event):
    """The agent was scored on the tasks; `scores[j]` belongs to column j, None where not measured.

    `index` is the stage it happened in, -1 for the untrained agent. `final` marks the end
    of a stage: these are the rows of the evaluation matrix.
    """

    index: int
    scores: tuple[float | None, ...]
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted(Event):
    """How fast the agent adapted to a member of a task family that it had not trained on.

    `scores[k]` is its success after `episodes[k]` episodes; `control` the same for the agent
    before the stage.
    """

    index: int
    member: int
    episodes: tuple[int, ...]
    scores: tuple[float, ...]
    control: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEntry:
    """One remembered decision."""

    id: int
    task_id: int
    text: str
    """The sentence the agent read."""
    action: str
    reward: float
    step: int
    picture_state: Mapping[str, Any] | None = None
    """The state from which the environment renders the picture again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryChanged(Event):
    """The difference between two states of the memory."""

    added: tuple[MemoryEntry, ...] = ()
    removed: tuple[int, ...] = ()
    pinned: tuple[int, ...] = ()
    unpinned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeEntry:
    """One sentence of the knowledge base, with its source and evidence."""

    id: int
    sentence: str
    source: Literal["environment", "episode", "distilled", "person"]
    """Stated by the environment, summarised from episodes, distilled from a teacher, or entered by a person."""
    subject: str = ""
    """The sentence with one slot left open; two that differ only in that slot contradict each other. Empty: no slot."""
    passing: bool = False
    """True if it holds only in the episode in which it is stated."""
    evidence_for: float = 0.0
    evidence_against: float = 0.0
    rival: int | None = None
    """Id of the entry of the same subject with more evidence, which refutes this one."""
    step: int = 0
    stage: int = -1
    task_id: int | None = None
    """Task in which it was learned; None if a person entered it."""
    episode: int = 0
    """Number of the training episode in which it was learned."""
    uses: int = 0
    """Episodes in which it was retrieved for the agent."""
    pinned: bool = False

    @property
    def confidence(self) -> float:
        """Mean of the Beta posterior under a uniform prior: (for + 1) / (for + against + 2)."""
        return (self.evidence_for + 1) / (self.evidence_for + self.evidence_against + 2)

    @property
    def standing(self) -> Literal["confirmed", "open", "refuted"]:
        """The verdict of the evidence."""
        if self.rival is not None or self.confidence < REFUTED:
            return "refuted"
        return "confirmed" if self.confidence > CONFIRMED else "open"


REFUTED, CONFIRMED = 1 / 3, 0.7
"""Confidence below which a sentence is refuted, and above which it is confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeChanged(Event):
    """The difference between two states of the knowledge base; `changed` entries replace those of the same id."""

    added: tuple[KnowledgeEntry, ...] = ()
    changed: tuple[KnowledgeEntry, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSaved(Event):
    """Weights were stored under this name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandApplied(Event):
    """A command took effect after `tick` safe points of the run, where a replay must repeat it."""

    command: Command
    tick: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(Event):
    """A command was refused; the reason is `reason.format(**arguments)`."""

    command: Command
    reason: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Event):
    """An error that did not end the run: `message.format(**arguments)`."""

    index: int
    message: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""
    """A traceback for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFault(Fault):
    """Events can't be stored; they stay in memory, and the run pauses until it is resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvWarned(Fault):
    """An external environment breaks its declaration but can still be used; reported once a run and environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack(Event):
    """The agent was restored from the checkpoint at step `to`; the stage continues in new environments, reseeded.

    Events after `to` stay in the log, and steps are not counted back.
    """

    index: int
    to: int
    attempt: int
    """How many times in a row the stage has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The run continues from a checkpoint at `step`; later events were deleted.

    `exact`: it continues bit by bit as if it had never been interrupted. `note` says what
    differs, or which newer checkpoint was damaged.
    """

    exact: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    """The last event of a run."""

    reason: Literal["done", "stopped", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """A vector step, minibatch or evaluation step is done: a safe point for commands.

    In phase `consolidating`, at the end of a stage, commands wait, and safe points are not
    counted in `tick`.
    """

    index: int
    phase: Literal["acting", "learning", "consolidating", "evaluating", "adapting"]


@dataclass(frozen=True, slots=True)
class InstructionStatus:
    """An instruction that the watched agent follows, or has just fulfilled."""

    text: str
    writer: Literal["agent", "person"]
    """Author: the agent, as a sub-goal of its goal, or a person, in place of the goal."""
    steps: int = 0
    """Steps since the agent received it."""
    fulfilled: bool | None = None
    """None while it is followed; False if it was abandoned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One step of a watched agent; made by the watcher, not by the run."""

    task_id: int
    task: Task
    picture: Any
    """uint8, (height, width, 3); None if only the numbers changed."""
    text: str
    goal: str
    """The goal of the episode in words; empty if the environment has none."""
    actions: tuple[str, ...]
    probabilities: tuple[float, ...]
    value: float
    action: int | None
    """Index of the chosen action; None before the choice."""
    attention: tuple[tuple[str, float], ...] = ()
    """Each word of the text and its attention weight in the last layer; the weights sum to 1."""
    reward: float = 0.0
    total: float = 0.0
    """Reward of this episode so far."""
    time: int = 0
    """Steps since the episode began."""
    episode: int = 0
    score: float | None = None
    """Set on the frame that ends an episode."""
    agent_step: int = 0
    """The run's step at which the watched weights were copied."""
    recalled: tuple[KnowledgeEntry, ...] = ()
    """Entries of the knowledge base that are put before the observation."""
    instruction: InstructionStatus | None = None
    """The latest instruction, as a sub-goal or in place of the goal."""
    requests: tuple[Request, ...] = ()
    """Instructions that a person can give in this state; empty if the environment can't check any."""


ATTEMPTS = 3
"""Consecutive failures after which a stage is skipped."""
TRANSIENT = (Progress,)
