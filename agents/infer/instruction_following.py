"""Instruction following: success rate with the instruction, and without it as control."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from agents.agent import Snapshot
from agents.events import Frame
from agents.infer.instruction_tracker import MAX_STEPS
from agents.infer.watcher import Watcher
from envs.requests import NotUnderstood, Request, match_request
from envs.task import Task

_PICTURE_SIZE = 16
"""Pixels of the pictures, which are not used."""
_MAX_WORLDS = 50
"""Maximum number of seeds that are tried to find an environment in which an instruction can be given."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of one instruction, given at the beginning of an episode."""

    goal: str
    """The goal of the episode itself."""
    fulfilled: bool
    steps: int
    control: bool
    """Whether it was also fulfilled without the instruction, with the same seeds."""


def task_ids_for(text: str, tasks: Sequence[Task]) -> list[int]:
    """Return the ids of the tasks in which this instruction can be given. Raises NotUnderstood if there are none."""
    task_ids: list[int] = []
    refusals = [NotUnderstood("This run has no task yet")]
    for task_id, task in enumerate(tasks):
        try:
            _first_world(task, text)
            task_ids.append(task_id)
        except NotUnderstood as error:
            refusals.append(error)
    if not task_ids:
        raise max(refusals, key=lambda refusal: len(refusal.arguments))  # prefer a message that names the unknown words
    return task_ids


def attempts(
    snapshot: Snapshot, task: Task, task_id: int, text: str, *, episodes: int, seed: int = 0
) -> Iterator[Attempt]:
    """Give the instruction in a number of environments in which it is not fulfilled already; yield each result."""
    instructed, control = Watcher(_PICTURE_SIZE), Watcher(_PICTURE_SIZE)
    for watcher in (instructed, control):
        watcher.load(snapshot)
        watcher.show(task, task_id)
    for watcher_seed in islice(_watcher_seeds(task, text, seed), episodes):
        yield _attempt(instructed, control, text, watcher_seed)


def _attempt(instructed: Watcher, control: Watcher, text: str, seed: int) -> Attempt:
    for watcher in (instructed, control):
        watcher.reseed(seed)
    frame, control_frame = instructed.reset(), control.reset()
    frame, goal = instructed.instruct(text), frame.goal
    assert frame.instruction is not None  # set by `instruct`
    instruction = frame.instruction
    while instruction.fulfilled is None:
        instruction = instructed.step().instruction or instruction
    return Attempt(
        goal, instruction.fulfilled, instruction.steps, _is_reached(control, control_frame, instruction.text)
    )


def _is_reached(watcher: Watcher, frame: Frame, text: str) -> bool:
    """Return whether the request is fulfilled at some step of an uninstructed episode, within the same step limit."""
    for _ in range(MAX_STEPS):
        frame = watcher.step()
        if next(request for request in frame.requests if request.text == text).is_fulfilled:
            return True
        if watcher.is_over:
            break
    return False


def _watcher_seeds(task: Task, text: str, seed: int) -> Iterator[int]:
    """Yield seeds of watchers in whose first episode the request is feasible and not yet fulfilled."""
    for watcher_seed in range(seed, seed + 1_000_000):
        request = _request(task, text, watcher_seed)
        if request is not None and not request.is_fulfilled:
            yield watcher_seed


def _request(task: Task, text: str, seed: int) -> Request | None:
    world = task.make()
    world.reset(seed=int(np.random.default_rng(seed).integers(2**31)))  # as `Watcher.reset` draws it
    try:
        return match_request(text, world.requests())
    except NotUnderstood:
        return None


def _first_world(task: Task, text: str) -> Request:
    """Return the request in some environment of the task; if there is none, raise the error of the first one."""
    candidates = (_request(task, text, seed) for seed in range(_MAX_WORLDS))
    request = next((each for each in candidates if each is not None), None)
    if request is not None:
        return request
    world = task.make()
    world.reset(seed=0)
    return match_request(text, world.requests())
