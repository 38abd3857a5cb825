"""Restore the last checkpoint after a failure, and reseed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agents.commands import EraseMemories, KnowledgeCommand, PinMemories
from agents.events import Event, MemoryChanged, MemoryEntry, RolledBack
from agents.knowledge.commands import apply_knowledge_command
from agents.store.checkpoint_contents import Checkpoint, RunContents, StageState
from agents.training.checkpoint_compatibility import INVALID, check
from agents.training.run_state import RunState


@dataclass(frozen=True, slots=True)
class RestorePoint:
    """The saved state in a running stage, or right before it."""

    step: int
    run: RunContents
    stage: StageState | None
    """None if the stage restarts."""


def restore_point(saved: Checkpoint, index: int, state: RunState) -> RestorePoint | None:
    """Return `saved` as the restore point of stage number `index`; None if it is from another stage or invalid.

    Finished stages are never rolled back, since their training would be lost.
    """
    try:
        if len(saved["run"]["plan"]["history"]) != index:
            return None
        check(saved, state.agent.policy.state_dict())
    except (ValueError, *INVALID):
        return None
    return RestorePoint(saved["run"]["step"], saved["run"], saved["stage"])


def roll_back(state: RunState, index: int, to: RestorePoint) -> Iterator[Event]:
    """Restore the agent; the step count, plan and settings of the run stay unchanged.

    The user's later edits of memory and knowledge are repeated. Generators are reseeded, so
    that the same failure need not occur again.
    """
    agent = state.agent
    before = {entry.id: entry for entry in agent.memory.entries()}
    agent.restore(to.run["agent"])
    for task_id in range(len(to.run["tasks"]), len(state.tasks)):  # tasks added since then
        agent.add_task(state.tasks[task_id], task_id)
    running = state.plan.running
    # a strategy chosen since then starts in the middle of the stage, or with it
    midway = None if running is None or to.stage is None else state.task_id(running)
    agent.use_strategy(state.strategy_config(running), midway)
    agent.change_settings(state.config.algorithm, state.config.learning)
    state.rolled_back_at = state.step
    agent.reseed(state.stage_seed(index).spawn(1)[0])
    for command in state.memory_edits:
        _repeat(state, command)
    yield RolledBack(step=state.step, index=index, to=to.step, attempt=state.attempts)
    yield _difference(state, before)
    if agent.knowledge is not None and (change := agent.knowledge.drain(state.step)) is not None:
        yield change


def _repeat(state: RunState, command: EraseMemories | PinMemories | KnowledgeCommand) -> None:
    memory, knowledge = state.agent.memory, state.agent.knowledge
    match command:
        case EraseMemories(ids=ids):
            memory.erase(ids, state.step)
        case PinMemories(ids=ids, pinned=pinned):
            memory.pin(ids, pinned, state.step)
        case _ if knowledge is not None:
            apply_knowledge_command(knowledge, command)


def _difference(state: RunState, before: dict[int, MemoryEntry]) -> MemoryChanged:
    """Return the entries that the rollback added to memory and removed. Pins are unchanged: they were repeated."""
    now = {entry.id: entry for entry in state.agent.memory.entries()}
    restored = tuple(entry for id_, entry in now.items() if id_ not in before)
    return MemoryChanged(step=state.step, added=restored, removed=tuple(id_ for id_ in before if id_ not in now))
