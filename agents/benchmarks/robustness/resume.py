"""Is a resumed run the very same run? Loss traces and last weights, with tolerance 0, at random points."""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from agents.benchmarks.report.figure import Figure
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
"""Two strategies at once, each with a state of its own."""
CONTROL = "ewc"
"""The strategy under which parts of the state are left out: it has the most of them."""
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
"""What a run consists of, and where it lies in the state."""
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
"""Other ways to learn than PPO with a transformer, as changes of settings."""
Trace = list[tuple[Any, ...]]
Weights = dict[str, Tensor]


def measure(points: int = 20, seed: int = 0) -> list[Figure]:
    """Interrupt a run of each strategy and body at random points and resume it; then leave out one part each."""
    figures = [_exactness(strategy, _config(strategy, seed), points) for strategy in (*names(STRATEGIES), PAIR)]
    figures += [_exactness(name, _config("naive", seed).changed(body), points) for name, body in BODIES.items()]
    return [*figures, _controls(seed)]


def _exactness(name: str, settings: RunConfig, points: int) -> Figure:
    with TemporaryDirectory() as folder:
        saves = FullCheckpoints(RunStore(folder).create(settings).folder / "states")
        seen, trace, weights = _whole(settings, saves)
        action_rng = np.random.default_rng(settings.seed)
        chosen = action_rng.choice(len(seen), min(points, len(seen)), replace=False)
        same = 0
        for told, point in (seen[place] for place in sorted(chosen)):
            saved = saves.load(point)
            rest, last = _rest(settings, join(saved.plain, saved.arrays))
            same += rest == trace[told:] and _equal(last, weights)
    return Figure(
        name=f"points from which {name} goes on bit by bit",
        value=same,
        unit=f"of {len(chosen)}",
        goal=f"{len(chosen)}",
        holds=same == len(chosen),
        source="two tasks; every loss term, every score and the last weights, tolerance 0, through files",
    )


def _controls(seed: int) -> Figure:
    settings = _config(CONTROL, seed)
    with TemporaryDirectory() as folder:
        saves = FullCheckpoints(RunStore(folder).create(settings).folder / "states")
        seen, trace, weights = _whole(settings, saves)
        # in the middle of the second task, where every part has something to lose
        told, point = seen[len(seen) * 3 // 4]
        saved = saves.load(point)
    unnoticed = []
    for name, path in PARTS.items():
        state = without(join(saved.plain, saved.arrays), path)
        try:
            rest, last = _rest(settings, state)
        except (ValueError, KeyError, IndexError, TypeError):
            continue  # noticed at once
        if rest == trace[told:] and _equal(last, weights):
            unnoticed.append(name)
    found = len(PARTS) - len(unnoticed)
    return Figure(
        name="parts whose loss is noticed (control)",
        value=found,
        unit=f"of {len(PARTS)}",
        goal=f"{len(PARTS)}",
        holds=not unnoticed,
        source="unnoticed: " + (", ".join(unnoticed) or "none"),
    )


def without(state: Checkpoint, path: tuple[str, ...]) -> Checkpoint:
    """Return `state` with one part as it was before anything was lived."""
    *above, last = path
    place: Any = state
    for key in above:
        place = place[key]
    place[last] = None if path[0] == "stage" else _unlived(place[last])
    return state


def _unlived(tree: Any) -> Any:
    match tree:
        case Tensor() if tree.dtype == torch.uint8:  # the state of a generator
            return torch.Generator().manual_seed(0).get_state()
        case Tensor():
            return torch.zeros_like(tree)
        case dict():
            return {key: _unlived(part) for key, part in tree.items()}
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


def _whole(settings: RunConfig, saves: FullCheckpoints) -> tuple[list[tuple[int, CheckpointPosition]], Trace, Weights]:
    """Live a run; return its safe points, each with what was told by then, all that was told, and its last weights."""
    trainer = Trainer(settings)
    trace: Trace = []
    seen: list[tuple[int, CheckpointPosition]] = []
    for event in trainer.run():
        trace += _row(event)
        if isinstance(event, Updated | StageFinished) and event.step < sum(stage.steps for stage in STAGES):
            point = CheckpointPosition(event.step, len(trace), lasting=True)
            plain, arrays = split(trainer.saved())
            saves.write(point, arrays, plain)
            seen.append((len(trace), point))
    return seen, trace, _weights(trainer)


def _rest(settings: RunConfig, state: Checkpoint) -> tuple[Trace, Weights]:
    trainer = Trainer(settings)
    trainer.resume(state)
    trace: Trace = []
    for event in trainer.run():
        trace += _row(event)
    return trace, _weights(trainer)


def _row(event: Event) -> Trace:
    match event:
        case Updated():
            return [(event.step, dict(event.terms))]
        case Evaluated():
            return [(event.step, event.index, event.scores)]
    return []


def _weights(trainer: Trainer) -> Weights:
    return {name: weight.clone() for name, weight in trainer.state.agent.policy.state_dict().items()}


def _equal(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
