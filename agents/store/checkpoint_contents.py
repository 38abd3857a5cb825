"""What a full checkpoint holds, key by key: everything that a run needs to go on as if nothing had happened.

Tensors and arrays are leaves of it; on disk they lie apart from the rest (`agents.state_tree`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypedDict, get_args, get_type_hints, is_typeddict

Occasion = Literal["stage", "interval", "stop"]
"""Why it was made: a stage has ended, it was due, or the run pauses or stops."""
State = dict[str, Any]
"""The state of one part, which that part alone can read."""


class Origin(TypedDict):
    """What the last bit of a number depends on, and how sentences are put."""

    torch: str
    device: str
    machine: str
    threads: str
    template: str


class PlanState(TypedDict):
    """The stages before, at and after the moment of the checkpoint."""

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
    """Settings and state of every strategy that was used so far."""
    strategy: State
    """Settings of the one that is in use."""
    scheduled: int
    scales: dict[Any, State]
    """How rewards are scaled, by column."""
    action_rng: Any
    rehearsal: Any


class RunContents(TypedDict):
    """All of a run but its running stage."""

    config: State
    seconds: float
    step: int
    tick: int
    attempts: list[int]
    """How many times in a row the running stage has failed, and the step at which it was last rolled back."""
    is_cut_told: bool
    plan: PlanState
    tasks: list[State]
    agent: AgentState


class StageState(TypedDict):
    """The running stage."""

    done: int
    next_look: int
    fruitless: int
    recent: list[float]
    size: int
    task_ids: list[int]
    worlds: State | None
    """None where they can't be saved: they begin new episodes."""
    rollout: State | None
    school: State


class Checkpoint(TypedDict):
    """A whole run between two updates."""

    occasion: Occasion
    origin: Origin
    run: RunContents
    stage: StageState | None
    """None where the stage begins anew."""


def schema_errors(found: Any, kind: Any = Checkpoint, place: str = "") -> Iterator[str]:
    """Yield what `found` lacks, or has besides the keys of `kind`, a phrase each: another version made it, then."""
    if not isinstance(found, dict):
        yield f"{place.rstrip('.') or 'the whole'} is no table"
        return
    hints = get_type_hints(kind)
    for name in sorted(hints.keys() ^ found.keys(), key=str):
        yield f"{place}{name} is {'missing' if name in hints else 'unknown'}"
    for name in hints.keys() & found.keys():
        inner = next((part for part in (hints[name], *get_args(hints[name])) if is_typeddict(part)), None)
        is_none = found[name] is None and type(None) in get_args(hints[name])
        if inner is not None and not is_none:
            yield from schema_errors(found[name], inner, f"{place}{name}.")
