"""The pretraining corpus: observations and actions of random and expert play in our own environments.

A line is one step: the observation, the action phrase, the next observation. Instructions,
places, rules and outcomes are all part of the observations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from envs import World
from envs.players import random_player, scripted
from envs.task import Task, library

HELD_OUT = ("turned/go-to", "gym:FirmLake-v1")
"""Tasks that are left out of the training corpus, to measure generalisation to new environments."""
VARIANTS: tuple[Task, ...] = (
    Task(key="household/go-to", options={"objects": 3, "size": 7}),
    Task(key="household/take", options={"objects": 3, "size": 7}),
    Task(key="household/put-away", options={"objects": 2, "size": 9}),
    Task(key="household/rules", options={"rule": "colour", "rule_shown": "always"}),
    *(Task(key="household/words", options={"member": member}) for member in range(1, 24)),
)
"""Training tasks besides the library's defaults: more objects, larger rooms, other rules and other words."""


def training_tasks() -> tuple[Task, ...]:
    """Return the training tasks."""
    known = tuple(Task(key=spec.key) for spec in library() if spec.key not in HELD_OUT)
    return known + VARIANTS


def held_out_tasks() -> tuple[Task, ...]:
    """Return the held-out tasks."""
    return tuple(Task(key=key) for key in HELD_OUT)


def vocabulary_of(tasks: Sequence[Task]) -> tuple[str, ...]:
    """Return the words and action phrases of these tasks' environments, each once, in a fixed order."""
    worlds = [task.make() for task in tasks]
    return tuple(dict.fromkeys(word for world in worlds for word in (*world.words, *world.actions)))


def corpus_lines(tasks: Sequence[Task], count: int, expert: float, seed: np.random.SeedSequence) -> list[str]:
    """Play each task for an equal share of `count` steps, and return the distinct lines of text, one line a step.

    `expert` is the probability that the scripted expert takes a step, if there is one; else the action is random.
    """
    steps = -(-count // len(tasks))
    played = (_played(task.make(), steps, expert, own) for task, own in zip(tasks, seed.spawn(len(tasks)), strict=True))
    return list(dict.fromkeys(line for each in played for line in each))


def _played(world: World, steps: int, expert: float, seed: np.random.SeedSequence) -> Iterator[str]:
    first, second, third = seed.generate_state(3).tolist()
    rng = np.random.default_rng(first)
    random_action = random_player(second)
    expert_action = scripted(world) or random_action
    sentence, _ = world.reset(seed=third)
    for _ in range(steps):
        action = (expert_action if rng.random() < expert else random_action)(world)
        after, _, terminated, truncated, _ = world.step(action)
        yield f"{sentence} {world.actions[action]} {after}"
        sentence = world.reset()[0] if terminated or truncated else after
