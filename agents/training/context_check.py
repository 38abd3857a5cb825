"""Check that the environments' sentences fit the model's context, before the run and during it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.events import Event, Fault
from agents.instructions.wrapper import with_instructions
from agents.language.context_limit import CUT
from agents.training.run_state import RunState
from envs.curriculum import Stage

TOO_LONG = (
    "stages[{index}].task: {task} has sentences of up to {length} tokens, and model.context is {limit}: the rest would "
    "be cut off; {remedy}"
)


def check(state: RunState, stages: Sequence[Stage], known: Sequence[Stage] = (), given: str = "") -> None:
    """Raise ValueError if a task of `stages`, except those of `known`, has sentences longer than the model's context.

    `given` is the remedy if `model.context` can't be set.
    """
    limit, checked = state.agent.policy.limit, {stage.configured_task.identity for stage in known}
    for index, stage in enumerate(stages) if limit is not None else ():
        if stage.configured_task.identity in checked or state.has_failed(stage.configured_task):
            continue
        checked.add(stage.configured_task.identity)
        world = with_instructions(stage.configured_task.make(), state.config.instructions)
        length = state.agent.policy.length(world.longest_sentence())
        if limit is not None and length > limit.limit:
            remedy = given or limit.remedy(state.config.model, length)
            task = stage.configured_task.key
            arguments = {"index": index, "task": task, "length": length, "limit": limit.limit, "remedy": remedy}
            raise ValueError(TOO_LONG.format(**arguments))


def first_cut(state: RunState) -> Iterator[Event]:
    """Yield a fault at the first truncated sentence of a run: knowledge and instructions add words unpredictably."""
    limit = state.agent.policy.limit
    if limit is None or state.is_truncation_reported or limit.longest <= limit.limit:
        return
    state.is_truncation_reported = True
    remedy = limit.remedy(state.config.model, limit.longest)
    arguments = {"length": limit.longest, "limit": limit.limit, "remedy": remedy}
    yield Fault(step=state.step, index=len(state.plan.history), message=CUT, arguments=arguments)
