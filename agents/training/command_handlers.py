"""Apply commands to a run: edit stages and settings, erase memories, evaluate."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from pydantic import ValidationError

from agents.commands import (
    LIVE_TABLES,
    AddKnowledge,
    Command,
    Configure,
    EditCurriculum,
    EditKnowledge,
    EraseKnowledge,
    EraseMemories,
    EvaluateNow,
    KnowledgeCommand,
    PinKnowledge,
    PinMemories,
)
from agents.config.compatibility import incompatibility, incompatibility_in
from agents.config.error_text import explain
from agents.events import Event, TasksChanged
from agents.knowledge.commands import apply_knowledge_command
from agents.registry import learner_of
from agents.training import context_check, stage_teachers
from agents.training.plan import Refused
from agents.training.run_state import RunState
from agents.training.task_stage import evaluate_all
from envs.curriculum import Stage


def apply_command(state: RunState, command: Command) -> Generator[Event]:
    """Apply `command` and yield the resulting events. Raises Refused before anything is changed."""
    match command:
        case EditCurriculum(stages=stages):
            yield from _edit_stages(state, stages)
        case Configure(changes=changes):
            _configure(state, changes)
        case EraseMemories(ids=ids):
            state.memory_edits.append(command)
            yield state.agent.memory.erase(ids, state.step)
        case PinMemories(ids=ids, pinned=pinned):
            state.memory_edits.append(command)
            yield state.agent.memory.pin(ids, pinned, state.step)
        case AddKnowledge() | EditKnowledge() | EraseKnowledge() | PinKnowledge():
            yield from _edit_knowledge(state, command)
        case EvaluateNow():
            yield from evaluate_all(state, len(state.plan.history), final=False)


def _edit_knowledge(state: RunState, command: KnowledgeCommand) -> Iterator[Event]:
    knowledge = state.agent.knowledge
    if knowledge is None:
        raise Refused("The agent has no knowledge base; set knowledge.max_entries for the next run.")
    if isinstance(command, EditKnowledge) and not knowledge.known([command.entry]):
        raise Refused("Sentence {entry} is no longer in the knowledge base.", entry=command.entry)
    state.memory_edits.append(command)
    apply_knowledge_command(knowledge, command)
    if (change := knowledge.drain(state.step)) is not None:
        yield change


def _edit_stages(state: RunState, stages: tuple[Stage, ...]) -> Generator[Event]:
    plan = state.plan.edited(stages)
    if (problem := incompatibility(state.config.model_copy(update={"stages": stages}))) is not None:
        raise Refused(problem.reason, **problem.arguments)
    try:
        stage_teachers.check(state, stages, known=state.plan.stages)
        context_check.check(state, stages, known=state.plan.stages)
        is_new = state.add_task(stages)
    except ValueError as error:
        raise Refused("{error}", error=str(error)) from None
    state.plan = plan
    if is_new:
        yield TasksChanged(step=state.step, tasks=state.tasks)


def _configure(state: RunState, changes: dict[str, Any]) -> None:
    for path in changes:
        if path.split(".")[0] not in LIVE_TABLES:
            raise Refused("{setting} can't change during a run.", setting=path)
    try:
        config = state.config.changed(changes)
        if learner_of(config.algorithm) != learner_of(state.config.algorithm):
            raise Refused("{setting} can't change during a run.", setting="algorithm.name")
        state.configure(config)
    except Refused:
        raise
    except ValidationError as error:
        if (problem := incompatibility_in(error)) is not None:
            raise Refused(problem.reason, **problem.arguments) from None
        raise Refused("{error}", error=explain(error)) from None
    except ValueError as error:
        raise Refused("{error}", error=str(error)) from None
