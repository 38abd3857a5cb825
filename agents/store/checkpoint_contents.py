"""The contents of a full checkpoint, key by key: the complete state of a run, for an exact resume.

Tensors and arrays are leaves of this tree; on disk they are stored in a separate file (`agents.state_tree`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypedDict, get_args, get_type_hints, is_typeddict

Occasion = Literal["stage", "interval", "stop"]
"""Why it was saved: at the end of a stage, at an interval, or since the run pauses or stops."""
State = dict[str, Any]
"""The state of one component, which only that component interprets."""


class Origin(TypedDict):
    """The software and hardware that floating-point results depend on, and the chat template."""

    torch: str
    device: str
    machine: str
    threads: str
    template: str


class PlanState(TypedDict):
    """The finished, running and upcoming stages at the checkpoint."""

    history: list[State]
    running: State | None
    upcoming: list[State]


class AgentState(TypedDict):
    """The agent: weights, learner, memory, knowledge, strategies and generators."""

    policy: dict[str, Any]
    description: State
    learner: State
    memory: State
    knowledge: State | None
    strategies: list[list[State]]
    """Settings and state of every strategy used so far."""
    strategy: State
    """Settings of the current strategy."""
    scheduled: int
    scales: dict[Any, State]
    """State of the reward scaling, by task id."""
    action_rng: Any
    rehearsal: Any


class RunContents(TypedDict):
    """The state of a run without its running stage."""

    config: State
    seconds: float
    step: int
    tick: int
    attempts: list[int]
    """Consecutive failures of the running stage, and the step of its last rollback."""
    is_truncation_reported: bool
    plan: PlanState
    tasks: list[State]
    agent: AgentState


class StageState(TypedDict):
    """The state of the running stage."""

    done: int
    next_evaluation: int
    updates_without_episode: int
    recent: list[float]
    size: int
    task_ids: list[int]
    worlds: State | None
    """None if environments can't be saved; they then start new episodes."""
    rollout: State | None
    teachers: State


class Checkpoint(TypedDict):
    """The complete state of a run between two updates."""

    occasion: Occasion
    origin: Origin
    run: RunContents
    stage: StageState | None
    """None if the stage restarts from its beginning."""


def schema_errors(found: Any, kind: Any = Checkpoint, path: str = "") -> Iterator[str]:
    """Yield a phrase for each key of `kind` that `found` lacks, and for each unknown key, as in another version."""
    if not isinstance(found, dict):
        yield f"{path.rstrip('.') or 'the whole'} is not a table"
        return
    hints = get_type_hints(kind)
    for name in sorted(hints.keys() ^ found.keys(), key=str):
        yield f"{path}{name} is {'missing' if name in hints else 'unknown'}"
    for name in hints.keys() & found.keys():
        inner = next((part for part in (hints[name], *get_args(hints[name])) if is_typeddict(part)), None)
        is_none = found[name] is None and type(None) in get_args(hints[name])
        if inner is not None and not is_none:
            yield from schema_errors(found[name], inner, f"{path}{name}.")
