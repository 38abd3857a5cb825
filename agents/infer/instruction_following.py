"""Instruction following: success rate with the instruction, and without it as control."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from agents.agent import Snapshot
from agents.events import Frame
from agents.infer.instruction_tracker import PATIENCE
from agents.infer.watcher import Watcher
from envs.requests import NotUnderstood, Request, match_request
from envs.task import Task

_PICTURE = 16
"""Pixels of pictures that nobody looks at."""
_WORLDS = 50
"""In how many worlds, at most, it is looked for one in which the instruction can be given."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One episode in which the agent was told something at the beginning."""

    goal: str
    """What the episode itself asked for."""
    fulfilled: bool
    steps: int
    untold: bool
    """Whether it came about in the same world, with the same dice, while the agent followed its own goal."""


def task_ids_for(text: str, tasks: Sequence[Task]) -> list[int]:
    """Return the places of the tasks in which this can be told. Raises NotUnderstood if there are none."""
    found: list[int] = []
    refusals = [NotUnderstood("This run has met no task yet")]
    for task_id, task in enumerate(tasks):
        try:
            _first_world(task, text)
            found.append(task_id)
        except NotUnderstood as error:
            refusals.append(error)
    if not found:
        raise max(refusals, key=lambda refusal: len(refusal.arguments))  # one that names words helps most
    return found


def attempts(
    snapshot: Snapshot, task: Task, task_id: int, text: str, *, episodes: int, seed: int = 0
) -> Iterator[Attempt]:
    """Tell the agent the same in several worlds, one after the other; those in which it is so already are left out."""
    told, untold = Watcher(_PICTURE), Watcher(_PICTURE)
    for watcher in (told, untold):
        watcher.load(snapshot)
        watcher.show(task, task_id)
    for world in islice(_worlds(task, text, seed), episodes):
        yield _attempt(told, untold, text, world)


def _attempt(told: Watcher, untold: Watcher, text: str, world: int) -> Attempt:
    for watcher in (told, untold):
        watcher.reseed(world)
    frame, alone = told.reset(), untold.reset()
    frame, goal = told.instruct(text), frame.goal
    assert frame.instruction is not None  # it has just been told
    instruction = frame.instruction
    while instruction.fulfilled is None:
        instruction = told.step().instruction or instruction
    return Attempt(goal, instruction.fulfilled, instruction.steps, _comes_about(untold, alone, instruction.text))


def _comes_about(watcher: Watcher, frame: Frame, text: str) -> bool:
    """Whether it is so at some instant of the agent's own episode, within as many steps as one who is told has."""
    for _ in range(PATIENCE):
        frame = watcher.step()
        if next(request for request in frame.requests if request.text == text).is_fulfilled:
            return True
        if watcher.is_over:
            break
    return False


def _worlds(task: Task, text: str, seed: int) -> Iterator[int]:
    """Yield seeds of watchers whose next world is one in which this can be told, and is not so yet."""
    for watched in range(seed, seed + 1_000_000):
        request = _request(task, text, watched)
        if request is not None and not request.is_fulfilled:
            yield watched


def _request(task: Task, text: str, seed: int) -> Request | None:
    world = task.make()
    world.reset(seed=int(np.random.default_rng(seed).integers(2**31)))  # as a watcher of this seed does
    try:
        return match_request(text, world.requests())
    except NotUnderstood:
        return None


def _first_world(task: Task, text: str) -> Request:
    """Return the request as some world of the task has it; raise what the first one says if none has it."""
    found = (_request(task, text, seed) for seed in range(_WORLDS))
    request = next((each for each in found if each is not None), None)
    if request is not None:
        return request
    world = task.make()
    world.reset(seed=0)
    return match_request(text, world.requests())
