"""A synthetic run of a million events, for measuring how long it takes to open a long run.

A run of four tasks: for each update 184 episodes, one memory change, and every third time an evaluation. The memory
changes are those of the real reservoir: many at first, then fewer and fewer. All checkpoints hold untrained weights.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np

from agents.agent import Agent
from agents.config import RunConfig
from agents.config.learning import EpisodicConfig
from agents.events import (
    EpisodeFinished,
    Evaluated,
    Event,
    MemoryChanged,
    MemoryEntry,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    TasksChanged,
    Updated,
)
from agents.memory.episodic import EpisodicMemory
from agents.store.run import Run
from agents.store.run_store import RunStore
from envs.curriculum import Stage
from envs.task import Task

TASKS = ("household/go-to", "gym:CartPole-v1", "mirror/go-to", "household/put-away")
WORLDS, ROLLOUT, EPISODES = 64, 32, 184
"""Parallel worlds, steps of each between two updates, and episodes that end in between."""
STEPS = WORLDS * ROLLOUT
CHECKPOINTS = 100
"""Checkpoints of the weights, evenly over the run."""
EVALUATE = 3
"""Updates between two evaluations."""
TERMS = ("policy", "value", "entropy", "kl", "clip_fraction", "gradient", "rate")


def record(root: Path, events: int) -> Run:
    """Store a run of at least `events` events, by the same recorder as every run."""
    updates = -(-events // (len(TASKS) * (EPISODES + 2)))
    stages = tuple(Stage(id=str(index), task=key, steps=updates * STEPS) for index, key in enumerate(TASKS))
    config = RunConfig(name="A long run", stages=stages)
    run = RunStore(root).create(config)
    for _ in run.record(generate_events(config, updates)):
        pass
    _store_checkpoints(run, config, len(TASKS) * updates * STEPS)
    return run


def _store_checkpoints(run: Run, config: RunConfig, last_step: int) -> None:
    agent = Agent(config)
    for task_id, stage in enumerate(config.stages):
        agent.add_task(stage.configured_task, task_id)
    for step in range(0, last_step + 1, max(last_step // CHECKPOINTS, 1)):
        snapshot = agent.snapshot(step)
        run.keep(step, snapshot.arrays, snapshot.about, snapshot.task_arrays)


def generate_events(config: RunConfig, updates: int) -> Generator[Event]:
    """Yield the events of a run with `updates` updates a stage."""
    rng, memory = np.random.default_rng(0), EpisodicMemory(EpisodicConfig(), np.random.default_rng(1))
    tasks = tuple(stage.configured_task for stage in config.stages)
    yield RunStarted(step=0, config=config)
    yield TasksChanged(step=0, tasks=tasks)
    yield Evaluated(step=0, index=-1, scores=_scores(-1, len(tasks), 0), final=True)
    step = 0
    for index, stage in enumerate(config.stages):
        yield StageStarted(step=step, seconds=step / 2_000, index=index, task_id=index, stage=stage)
        for update in range(updates):
            learned = min(3 * update / updates, 1.0)
            yield from _episodes(rng, index, step, learned)
            step += STEPS
            yield _memory_change(memory, tasks[index], index, step)
            yield _updated(rng, index, step)
            if update % EVALUATE == 0:
                yield _evaluated(index, len(tasks), step, learned, final=False)
        yield _evaluated(index, len(tasks), step, 1.0, final=True)
        yield StageFinished(step=step, seconds=step / 2_000, index=index, reason="budget")
    yield RunFinished(step=step, seconds=step / 2_000, reason="done")


def _episodes(rng: np.random.Generator, index: int, start: int, learned: float) -> Iterator[Event]:
    steps = start + np.sort(rng.integers(1, STEPS + 1, EPISODES))
    scores = (rng.random(EPISODES) < 0.2 + 0.8 * learned).astype(float)
    for step, score in zip(steps.tolist(), scores.tolist(), strict=True):
        yield EpisodeFinished(
            step=step, seconds=step / 2_000, index=index, task_id=index, reward=score - 0.1, score=score, length=11
        )


def _memory_change(memory: EpisodicMemory, task: Task, index: int, step: int) -> MemoryChanged:
    chosen = np.argwhere(memory.choose(index, ROLLOUT, WORLDS))  # (entries, 2): step and world
    return memory.write(index, [_entry(task, index, step, int(world)) for _, world in chosen], step)


def _entry(task: Task, index: int, step: int, world: int) -> MemoryEntry:
    text = f"{task.title} . go to the ball . ball {world // 8} right {world % 8} up ."
    picture_state = {"size": 8, "cells": {"ball": world}, "target": "ball", "trail": [world], "facing": world % 4}
    return MemoryEntry(
        id=-1, task_id=index, text=text, action="west", reward=-0.01, step=step, picture_state=picture_state
    )


def _updated(rng: np.random.Generator, index: int, step: int) -> Updated:
    terms = dict(zip(TERMS, rng.random(len(TERMS)).tolist(), strict=True))
    return Updated(step=step, seconds=step / 2_000, index=index, terms=terms, rate=2_000.0)


def _evaluated(index: int, tasks: int, step: int, learned: float, *, final: bool) -> Evaluated:
    scores = _scores(index, tasks, learned)
    return Evaluated(step=step, seconds=step / 2_000, index=index, scores=scores, final=final)


def _scores(index: int, tasks: int, learned: float) -> tuple[float | None, ...]:
    """Return scores by task: earlier tasks lose 0.1 a stage, later ones stay at chance, 0.2."""
    past = [max(1.0 - 0.1 * (index - task_id), 0.2) for task_id in range(max(index, 0))]
    now = [0.2 + 0.8 * learned] if index >= 0 else []
    return (*past, *now, *[0.2] * (tasks - len(past) - len(now)))
