"""The events of a run: frozen, picklable, free of Torch and Qt.

`step` counts environment steps since the run began, `seconds` the time since then.
Kinds in `TRANSIENT` are for whoever listens live; the recorder leaves them out.
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
    """Something happened."""

    step: int
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A run begins; `agent` says what learns, for example its number of weights and its device."""

    config: RunConfig
    agent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksChanged(Event):
    """The columns of the evaluation matrix; old columns keep their places, new ones follow."""

    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted(Event):
    """A stage begins. `index` counts the stages that were begun; `task_id` is its task's place in the matrix."""

    index: int
    task_id: int
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFinished(Event):
    """A stage is over: its budget is spent, its gate is reached, it was cut by an edit, stopped, or failed."""

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
    """How fast the agent learned a member of a family that it had not met.

    `scores[k]` is its success after `episodes[k]` episodes; `control` the same for the
    agent as it came into the stage.
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
    """What the world needs to draw the picture again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryChanged(Event):
    """The difference between two states of the memory."""

    added: tuple[MemoryEntry, ...] = ()
    removed: tuple[int, ...] = ()
    pinned: tuple[int, ...] = ()
    unpinned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeEntry:
    """One sentence that the agent knows, where it has it from, and what speaks for it."""

    id: int
    sentence: str
    source: Literal["told", "episode", "distilled", "person"]
    """A world told it, it sums up episodes, a teacher handed it on, or a person said it."""
    subject: str = ""
    """The sentence with one slot left open: two that differ in that slot alone exclude each other. Empty: no slot."""
    passing: bool = False
    """It holds only in the episodes in which it is told."""
    evidence_for: float = 0.0
    evidence_against: float = 0.0
    rival: int | None = None
    """The entry of the same subject that has more evidence; this one is kept as refuted."""
    step: int = 0
    stage: int = -1
    task_id: int | None = None
    """Task in which it was learned; None: in none, a person said it."""
    episode: int = 0
    """Which of all the episodes that were lived."""
    uses: int = 0
    """Episodes in which it was put before the agent."""
    pinned: bool = False

    @property
    def confidence(self) -> float:
        """Mean of the Beta distribution that the evidence makes of knowing nothing."""
        return (self.evidence_for + 1) / (self.evidence_for + self.evidence_against + 2)

    @property
    def standing(self) -> Literal["confirmed", "open", "refuted"]:
        """What the evidence says of it."""
        if self.rival is not None or self.confidence < REFUTED:
            return "refuted"
        return "confirmed" if self.confidence > CONFIRMED else "open"


REFUTED, CONFIRMED = 1 / 3, 0.7
"""Below and above which confidence a sentence counts as such."""


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
    """A command took effect here, after `tick` safe points of the run: the place to repeat it at, exactly."""

    command: Command
    tick: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(Event):
    """A command could not be obeyed, and why: `reason.format(**arguments)`."""

    command: Command
    reason: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Event):
    """Something went wrong and was contained: `message.format(**arguments)`."""

    index: int
    message: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""
    """A traceback for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFault(Fault):
    """What happens can't be stored: it is kept in memory, and the run waits until it is resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvWarned(Fault):
    """Somebody's world is not quite as it declares, and goes on being lived in; told once a run and world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack(Event):
    """The stage goes on with the agent as it was saved at step `to`, in fresh worlds and with other chances.

    What was told in between stays told: it happened, and steps go on counting.
    """

    index: int
    to: int
    attempt: int
    """How many times in a row the stage has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The run goes on from a checkpoint made at `step`; what it had told after that was taken back.

    `exact`: it goes on bit by bit as if it had never been interrupted. `note` says what is
    not as it was, or which newer checkpoint was damaged.
    """

    exact: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    """Nothing more will happen."""

    reason: Literal["done", "stopped", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """One vector step, minibatch or evaluation step went by: a safe moment to look up.

    While the agent is `consolidating`, at a stage's end, nothing else may change: then what
    is asked waits, and the moment doesn't count as one at which a command could be repeated.
    """

    index: int
    phase: Literal["acting", "learning", "consolidating", "evaluating", "adapting"]


@dataclass(frozen=True, slots=True)
class InstructionStatus:
    """An instruction that the watched agent carries out, or has just carried out."""

    text: str
    writer: Literal["agent", "person"]
    """Who wrote it: the agent itself on the way to its goal, or somebody who looks on, in the goal's place."""
    steps: int = 0
    """How many the agent has taken since it was told."""
    fulfilled: bool | None = None
    """None: it is still being carried out; False: it was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One instant of a watched agent; made by the watcher, not by the run."""

    task_id: int
    task: Task
    picture: Any
    """uint8, (height, width, 3), or None when only the numbers changed."""
    text: str
    goal: str
    """What the episode asks for, in words; empty where its world does not say."""
    actions: tuple[str, ...]
    probabilities: tuple[float, ...]
    value: float
    action: int | None
    """What was chosen here; None before the choice."""
    attention: tuple[tuple[str, float], ...] = ()
    """Each word of the text and how much the last layer looked at it, summing to 1."""
    reward: float = 0.0
    total: float = 0.0
    """Reward of this episode so far."""
    time: int = 0
    """Steps since the episode began."""
    episode: int = 0
    score: float | None = None
    """Set on the frame that ends an episode."""
    agent_step: int = 0
    """How old the watched weights are: the run's step when they were copied."""
    recalled: tuple[KnowledgeEntry, ...] = ()
    """What the agent knows that stands at the beginning of the text."""
    instruction: InstructionStatus | None = None
    """What it was told last to do on the way to the goal, or in its place."""
    requests: tuple[Request, ...] = ()
    """What a person can ask for here and now; nothing where the world can't check it."""


ATTEMPTS = 3
"""A stage that fails so many times in a row is set aside."""
TRANSIENT = (Progress,)
