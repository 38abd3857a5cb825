"""Restore the last checkpoint after a failure, and reseed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agents.commands import EraseMemories, KnowledgeCommand, PinMemories
from agents.events import Event, MemoryChanged, MemoryEntry, RolledBack
from agents.knowledge.commands import apply_knowledge_command
from agents.store.checkpoint_contents import Checkpoint, RunContents, StageState
from agents.training.checkpoint_compatibility import MISFITS, check
from agents.training.run_state import RunState


@dataclass(frozen=True, slots=True)
class RestorePoint:
    """A saved state of a running stage, or of the moment before it began."""

    step: int
    run: RunContents
    stage: StageState | None
    """None: the stage begins anew."""


def restore_point(saved: Checkpoint, index: int, state: RunState) -> RestorePoint | None:
    """Return where stage number `index` can be taken back to; None if `saved` holds nothing of it.

    An earlier stage is never undone: what it taught would be lost.
    """
    try:
        if len(saved["run"]["plan"]["history"]) != index:
            return None
        check(saved, state.agent.policy.state_dict())
    except (ValueError, *MISFITS):
        return None
    return RestorePoint(saved["run"]["step"], saved["run"], saved["stage"])


def roll_back(state: RunState, index: int, to: RestorePoint) -> Iterator[Event]:
    """Give the agent back what it was; the run's steps, its plan and its settings stay as they are now.

    What a person erased or pinned meanwhile is erased and pinned again. Chance is another
    from here on, so that the same misfortune need not come again.
    """
    agent = state.agent
    held = {entry.id: entry for entry in agent.memory.entries()}
    agent.restore(to.run["agent"])
    for task_id in range(len(to.run["tasks"]), len(state.tasks)):  # met since then
        agent.add_task(state.tasks[task_id], task_id)
    running = state.plan.running
    # one that was chosen since takes over in the middle of the stage, or begins with it
    midway = None if running is None or to.stage is None else state.task_id(running)
    agent.use_strategy(state.strategy_config(running), midway)
    agent.change_settings(state.config.algorithm, state.config.learning)
    state.rolled_back_at = state.step
    agent.reseed(state.stage_seed(index).spawn(1)[0])
    for command in state.memory_edits:
        _repeat(state, command)
    yield RolledBack(step=state.step, index=index, to=to.step, attempt=state.attempts)
    yield _difference(state, held)
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


def _difference(state: RunState, held: dict[int, MemoryEntry]) -> MemoryChanged:
    """Tell what came back to memory and what left it. Pins are as they were: each was asked for again."""
    now = {entry.id: entry for entry in state.agent.memory.entries()}
    back = tuple(entry for id_, entry in now.items() if id_ not in held)
    return MemoryChanged(step=state.step, added=back, removed=tuple(id_ for id_ in held if id_ not in now))
