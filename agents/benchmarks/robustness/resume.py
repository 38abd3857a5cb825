"""Is a resumed run identical to the uninterrupted one? Losses, scores and weights, tolerance 0, at random points."""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from agents.benchmarks.report.figure import Figure, all_of
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import Evaluated, Event, StageFinished, Updated
from agents.registry import STRATEGIES, names
from agents.state_tree import join, split
from agents.store.checkpoint_contents import Checkpoint
from agents.store.full_checkpoints import CheckpointPosition, FullCheckpoints
from agents.store.run_store import RunStore
from agents.training.trainer import Trainer
from envs.curriculum import Stage

STAGES = (
    Stage(id="a", task="household/go-to", steps=1_536),
    Stage(id="b", task="gym:CartPole-v1", steps=1_536),
)
PAIR = "ewc+replay"
"""A pair of strategies, each with its own state."""
CONTROL = "ewc"
"""Strategy of the control, in which parts of the state are reset: it has the most parts."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "the weights": ("run", "agent", "policy"),
    "Adam's moments": ("run", "agent", "learner", "first"),
    "the schedule": ("run", "agent", "learner", "updates"),
    "the scale of rewards": ("run", "agent", "scales"),
    "the strategy": ("run", "agent", "strategies"),
    "the memory": ("run", "agent", "memory", "entries"),
    "the generator of actions": ("run", "agent", "action_rng"),
    "the generator of minibatches": ("run", "agent", "learner", "generator"),
    "the worlds": ("stage", "worlds"),
    "the running stage": ("stage",),
    "the plan": ("run", "plan", "history"),
}
"""Parts of a run's state by description, each with its path in the state tree."""
BODIES: Mapping[str, dict[str, Any]] = {
    "dqn": {
        "algorithm.name": "dqn",
        "algorithm.learning_starts": 64,
        "algorithm.prioritised": True,
        "algorithm.n_steps": 3,
    },
    "dqn with mlp": {
        "algorithm.name": "dqn",
        "model.name": "mlp",
        "algorithm.learning_starts": 64,
        "algorithm.target_update_interval": 7,
    },
    "mlp": {"model.name": "mlp"},
    "grpo": {"algorithm.name": "grpo", "algorithm.ref_model_sync_steps": 3, "algorithm.group_size": 4},
    "q_learning": {"algorithm.name": "q_learning", "model.name": "table"},
    "sarsa": {"algorithm.name": "sarsa", "model.name": "table"},
    "random": {"algorithm.name": "random"},
    "knowledge": {"knowledge.max_entries": 16},
    "instructions": {
        "stages.0.task": "household/store",
        "stages.1.task": "household/wash",
        "instructions.writer": "learned",
        "instructions.warmup_steps": 512,
    },
    "taught": {"stages.0.teaching.teacher": "expert", "stages.0.teaching.steps": 200},
}
"""Other algorithms, models and memories than the default, as changed settings."""
Trace = list[tuple[Any, ...]]
"""Losses of every update and scores of every evaluation, in order."""
Weights = dict[str, Tensor]


def measure(points: int = 20, seed: int = 0) -> list[Figure]:
    """Resume a run of each strategy and of each entry of `BODIES` at random points; as control, reset one part each."""
    figures = [_exactness(strategy, _config(strategy, seed), points) for strategy in (*names(STRATEGIES), PAIR)]
    figures += [_exactness(name, _config("naive", seed).changed(changes), points) for name, changes in BODIES.items()]
    return [*figures, _controls(seed)]


def _exactness(name: str, config: RunConfig, points: int) -> Figure:
    with TemporaryDirectory() as folder:
        checkpoints = FullCheckpoints(RunStore(folder).create(config).folder / "states")
        positions, trace, weights = _run_with_checkpoints(config, checkpoints)
        rng = np.random.default_rng(config.seed)
        chosen = rng.choice(len(positions), min(points, len(positions)), replace=False)
        same = 0
        for length, position in (positions[index] for index in sorted(chosen)):
            saved = checkpoints.load(position)
            rest, final = _resumed(config, join(saved.plain, saved.arrays))
            same += rest == trace[length:] and _are_equal(final, weights)
    source = "two tasks; every loss term, every score and the last weights, tolerance 0, through files"
    return all_of(f"points from which {name} resumes bit by bit", same, len(chosen), source)


def _controls(seed: int) -> Figure:
    """Reset each part of the state in turn; return how many of the resets change the rest of the run."""
    config = _config(CONTROL, seed)
    with TemporaryDirectory() as folder:
        checkpoints = FullCheckpoints(RunStore(folder).create(config).folder / "states")
        positions, trace, weights = _run_with_checkpoints(config, checkpoints)
        # in the middle of the second task no part is still in its initial state
        length, position = positions[len(positions) * 3 // 4]
        saved = checkpoints.load(position)
    unnoticed = []
    for name, path in PARTS.items():
        state = without(join(saved.plain, saved.arrays), path)
        try:
            rest, final = _resumed(config, state)
        except (ValueError, KeyError, IndexError, TypeError):
            continue  # noticed at once
        if rest == trace[length:] and _are_equal(final, weights):
            unnoticed.append(name)
    source = "unnoticed: " + (", ".join(unnoticed) or "none")
    return all_of("parts whose loss is noticed (control)", len(PARTS) - len(unnoticed), len(PARTS), source)


def without(state: Checkpoint, path: tuple[str, ...]) -> Checkpoint:
    """Reset the part of `state` at `path` to its value in a new run, in place; return `state`."""
    *parents, key = path
    node: Any = state
    for parent in parents:
        node = node[parent]
    node[key] = None if path[0] == "stage" else _initial(node[key])
    return state


def _initial(tree: Any) -> Any:
    """Return zeros, empty lists and unused generators in place of the leaves of `tree`."""
    match tree:
        case Tensor() if tree.dtype == torch.uint8:  # the state of a generator
            return torch.Generator().manual_seed(0).get_state()
        case Tensor():
            return torch.zeros_like(tree)
        case dict():
            return {key: _initial(part) for key, part in tree.items()}
        case list():
            return []
        case bool() | str() | None:
            return tree
    return type(tree)(0)


def _config(strategy: str, seed: int) -> RunConfig:
    learning = LearningConfig(n_envs=8, n_steps=8, burst_updates=3)
    config = RunConfig(
        seed=seed, stages=STAGES, learning=learning, evaluation=EvaluationConfig(n_eval_episodes=2, eval_freq=512)
    )
    return config.changed({"strategy.name": strategy, "checkpoint.save_steps": 0})


def _run_with_checkpoints(
    config: RunConfig, checkpoints: FullCheckpoints
) -> tuple[list[tuple[int, CheckpointPosition]], Trace, Weights]:
    """Execute a run, saving a full checkpoint after every update and stage.

    Returns each position with the length of the trace there, the whole trace, and the final weights.
    """
    trainer = Trainer(config)
    trace: Trace = []
    positions: list[tuple[int, CheckpointPosition]] = []
    for event in trainer.run():
        trace += _rows(event)
        if isinstance(event, Updated | StageFinished) and event.step < sum(stage.steps for stage in STAGES):
            position = CheckpointPosition(event.step, len(trace), lasting=True)
            plain, arrays = split(trainer.saved())
            checkpoints.write(position, arrays, plain)
            positions.append((len(trace), position))
    return positions, trace, _weights(trainer)


def _resumed(config: RunConfig, state: Checkpoint) -> tuple[Trace, Weights]:
    """Return the trace from `state` to the end of the run, and the final weights."""
    trainer = Trainer(config)
    trainer.resume(state)
    trace = [row for event in trainer.run() for row in _rows(event)]
    return trace, _weights(trainer)


def _rows(event: Event) -> Trace:
    match event:
        case Updated():
            return [(event.step, dict(event.terms))]
        case Evaluated():
            return [(event.step, event.index, event.scores)]
    return []


def _weights(trainer: Trainer) -> Weights:
    return {name: weight.clone() for name, weight in trainer.state.agent.policy.state_dict().items()}


def _are_equal(first: Weights, second: Weights) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)
