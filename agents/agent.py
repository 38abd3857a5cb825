"""The agent: collects rollouts, learns from them, fills its memory, and consolidates finished tasks.

The trainer calls `interact`, `learn` and `consolidate` in turn; meta-learning drives the same agent.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter
from torch import Tensor

from agents.collect.collector import CollectedDecision, Collector, VectorStep
from agents.collect.joint import JointCollector
from agents.config import RunConfig
from agents.config.agent import InstructionsConfig
from agents.config.algorithms import AlgorithmConfig
from agents.config.learning import LearningConfig
from agents.config.strategy_pair import BothConfig, StrategyConfig
from agents.continual import ContinualStrategy
from agents.continual.combined import CombinedStrategy
from agents.events import KnowledgeChanged, MemoryChanged, MemoryEntry
from agents.instructions import writer_task_id
from agents.instructions.wrapper import with_instructions
from agents.knowledge.knowledge_base import KnowledgeBase
from agents.knowledge.ngram_encoder import HashedNgrams
from agents.knowledge.wrapper import with_retrieval
from agents.memory import Memory, consolidate_memory
from agents.policies import AgentPolicy
from agents.policies.factory import initial_policy, policy_from_description
from agents.registry import build
from agents.replay.reward_scaling import ReturnScale
from agents.rollout import Rollout
from agents.runtime.iteration import Iteration
from agents.state_tree import moved
from agents.store.checkpoint_contents import AgentState
from agents.update import learner
from envs import World
from envs.task import Task

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of the agent's weights at one step, with everything that rebuilds a policy from them."""

    step: int
    arrays: Arrays
    about: dict[str, Any]
    task_arrays: Mapping[int, Arrays] = field(default_factory=dict)
    """By task id: weights that replace those in `arrays`; tasks with equal weights share one mapping."""
    knowledge: KnowledgeBase | None = None
    """Copy of the knowledge base; None if the agent has none, or if only its weights were stored."""
    instructions: InstructionsConfig | None = None
    """Settings of the instruction writer; None if only the weights were stored: the defaults then apply."""

    def weights_for(self, task_id: int | None) -> Arrays:
        """Return the weights by name, each in its own shape, with which the agent acts in the task `task_id`."""
        return self.arrays if task_id is None else {**self.arrays, **self.task_arrays.get(task_id, {})}


def device_of(config: RunConfig) -> torch.device:
    """Return the device that the settings ask for. Raises ValueError if that is a GPU and there is none."""
    if config.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device is 'cuda', but torch finds no GPU; set device = 'auto' or 'cpu'")
    wants_gpu = config.device == "cuda" or (config.device == "auto" and torch.cuda.is_available())
    return torch.device("cuda" if wants_gpu else "cpu")


class Agent:
    """A policy with its learner, its strategy against forgetting, its memory and its knowledge base."""

    def __init__(self, config: RunConfig) -> None:
        seeds = np.random.SeedSequence(config.seed).spawn(5)
        init_rng, action_rng, shuffle, rehearsal = (_generator(seed) for seed in seeds[:4])
        self.device = device_of(config)
        self.policy = initial_policy(config, init_rng).to(self.device)
        self.memory: Memory = build(config.memory, np.random.default_rng(seeds[4]))
        self.knowledge = KnowledgeBase(config.knowledge, HashedNgrams()) if config.knowledge.max_entries else None
        self._instructions = config.instructions
        self._action_rng, self._rehearsal, self._shuffle = action_rng, rehearsal, shuffle
        self._strategies: dict[str, ContinualStrategy] = {}
        self._scales: dict[int, ReturnScale] = {}
        self.scheduled = 0
        """Steps taken so far under a schedule that spans several stages; 0: each stage has its own schedule."""
        self._learning = config.learning
        self.learner = learner(config.algorithm, self.policy, self._strategy(config.strategy), config.learning, shuffle)

    @property
    def strategy(self) -> ContinualStrategy:
        """The current strategy against forgetting."""
        return self.learner.strategy

    def about(self) -> dict[str, Any]:
        """Return the number of weights and the device, as JSON data."""
        weights = sum(weight.numel() for weight in self.policy.parameters())
        return {"weights": weights, "device": str(self.device)}

    def add_task(self, task: Task, task_id: int) -> None:
        """Give the policy a task's actions and words. Raises ValueError if the environment can't be created."""
        world = self.world(task, task_id)
        self.policy.add_task(task_id, world.actions, world.words)
        if self._instructions.writer != "none" and world.checkable:
            self.policy.add_task(writer_task_id(task_id), world.checkable, ())

    def world(self, task: Task, task_id: int) -> World:
        """Create a task's environment, wrapped so that retrieved knowledge and instructions are in the observations."""
        return with_instructions(with_retrieval(task.make(), self.knowledge, task_id), self._instructions)

    def discarding_knowledge_changes(self) -> AbstractContextManager[None]:
        """Return a context manager that undoes on exit what the knowledge base has learned from observations inside.

        Restored environments need it: each begins a first episode, which is discarded when its state is set.
        """
        return nullcontext() if self.knowledge is None else self.knowledge.discarding_changes()

    def use_strategy(self, config: StrategyConfig, task_id: int | None) -> None:
        """Switch to this strategy within `task_id`, None between stages; one used before keeps its state."""
        before, now = self.learner.strategy.parts, self._strategy(config)
        for part in before:
            if part not in now.parts:
                part.deactivate(self.policy)
        self.learner.strategy = now
        for part in now.parts:
            if part not in before and task_id is not None:
                part.begin_task(self.policy, task_id)

    def change_settings(self, algorithm: AlgorithmConfig, learning: LearningConfig) -> None:
        """Apply other settings of algorithm and learning from the next update on."""
        self.learner.change_settings(algorithm, learning)
        self._learning = learning
        for strategy in self._strategies.values():
            strategy.clip_gradient = learning.max_grad_norm

    def begin(self, task_id: int, steps: int, *, continues: bool = False) -> None:
        """Start a stage of `steps` environment steps on the task `task_id`.

        If it `continues` the stage before, schedules and optimiser stay as they are.
        """
        if not continues:
            self.learner.begin_stage(steps)
            self.scheduled = 0
        self.strategy.begin_task(self.policy, task_id)

    def reset_returns(self, task_ids: Iterable[int]) -> None:
        """Reset the running returns of these tasks, whose next rollout comes from new environments."""
        for task_id in task_ids:
            self._scales.setdefault(task_id, ReturnScale()).reset()

    def reseed(self, seed: np.random.SeedSequence) -> None:
        """Reseed the random generators of actions, minibatches and rehearsal."""
        generators = (self._action_rng, self._shuffle, self._rehearsal)
        for generator, word in zip(generators, seed.generate_state(len(generators)), strict=True):
            generator.manual_seed(int(word))

    @property
    def is_sound(self) -> bool:
        """Whether every weight is finite."""
        return all(bool(torch.isfinite(weight).all()) for weight in self.policy.parameters())

    def interact(
        self, collector: Collector | JointCollector, steps: int, step: int
    ) -> Generator[VectorStep | MemoryChanged | KnowledgeChanged, None, Rollout]:
        """Collect a rollout of `steps` steps from the run's `step` on, and write some decisions to the memory.

        Yields each step of the environments, then the changes of memory and knowledge; returns the rollout.
        """
        parts, action_sets = collector.parts, self.policy.action_sets
        chosen = np.hstack([self.memory.choose(part.task_id, steps, part.size) for part in parts])
        entries: list[MemoryEntry] = []
        steps_taken = Iteration(collector.collect(self.learner.behaviour(), steps, self._action_rng, chosen))
        for vector_step in steps_taken:
            entries += (entry_of(decision, action_sets[decision.task_id], step) for decision in vector_step.collected)
            yield vector_step
        rollout = steps_taken.result
        for part in parts:
            if own := [entry for entry in entries if entry.task_id == part.task_id]:
                yield self.memory.write(part.task_id, own, step + steps * collector.size)
        if self.knowledge is not None and (change := self.knowledge.drain(step + steps * collector.size)) is not None:
            yield change
        gamma = self.learner.gamma
        # rewards of a writer and an actor of instructions are already scores in [0, 1], and need no scaling
        is_scored = rollout.durations is not None
        return rollout if gamma is None or is_scored else self._with_reward_scales(rollout, parts, gamma)

    def learn(self, rollout: Rollout, steps_done: int) -> Generator[None, None, dict[str, float]]:
        """Update the policy from `rollout`, yielding after each gradient step; return the metrics by name."""
        self.strategy.observe(rollout)
        terms = yield from self.learner.learn(rollout, steps_done)
        return {**terms, "repetition": rollout.repetition, **rollout.extra_metrics}

    def consolidate(self, task_id: int, rollout: Rollout, task_ids: Iterable[int]) -> Generator[None]:
        """At a stage's end, consolidate the task `task_id` with the strategy, yielding in between.

        The memory entries of all `task_ids` that were trained get the policy's current logits and values.
        """
        yield from self.strategy.end_task(self.policy, task_id, rollout)
        for each in task_ids:
            consolidate_memory(self.memory, self.policy, each)

    def state(self) -> AgentState:
        """Return the agent's complete state, for a full checkpoint."""
        return {
            "policy": dict(self.policy.state_dict()),
            "description": self.policy.description(),
            "learner": self.learner.state(),
            "memory": self.memory.state(),
            "knowledge": None if self.knowledge is None else self.knowledge.state(),
            "strategies": [[strategy.config.model_dump(), strategy.state()] for strategy in self._strategies.values()],
            "strategy": self.strategy.config.model_dump(),
            "scheduled": self.scheduled,
            "scales": {task_id: scale.state() for task_id, scale in self._scales.items()},
            "action_rng": self._action_rng.get_state(),
            "rehearsal": self._rehearsal.get_state(),
        }

    def restore(self, state: AgentState) -> None:
        """Restore the state that `state()` returned."""
        self.policy = policy_from_description(state["description"]).to(self.device)
        self.policy.load_state_dict(state["policy"])
        self.learner.policy = self.policy
        self.learner.restore(state["learner"])
        self.memory.restore(moved(state["memory"], self.device))
        if self.knowledge is not None and state["knowledge"] is not None:
            self.knowledge.restore(state["knowledge"])
        for config, part_state in state["strategies"]:
            self._strategy(_validated(config)).restore(moved(part_state, self.device))
        self.learner.strategy = self._strategy(_validated(state["strategy"]))
        self.scheduled = state["scheduled"]
        for task_id, part_state in state["scales"].items():
            self._scales[int(task_id)] = ReturnScale()
            self._scales[int(task_id)].restore(moved(part_state, self.device))
        self._action_rng.set_state(state["action_rng"])
        self._rehearsal.set_state(state["rehearsal"])

    def snapshot(self, step: int) -> Snapshot:
        """Copy the weights to the host; the strategy's task weights are there already."""
        arrays = {name: weight.detach().cpu().numpy().copy() for name, weight in self.policy.state_dict().items()}
        task_arrays = self.strategy.task_weights(self.policy, self.policy.action_sets)
        shown = {id(task_array): _as_numpy(task_array) for task_array in task_arrays.values()}
        weights_for = {task_id: shown[id(task_array)] for task_id, task_array in task_arrays.items()}
        known = None if self.knowledge is None else self.knowledge.copy()
        return Snapshot(step, arrays, self.policy.description(), weights_for, known, self._instructions)

    def _strategy(self, config: StrategyConfig) -> ContinualStrategy:
        """Return the strategy of `config`; one that was built before is reused, with its state and these settings."""
        if isinstance(config, BothConfig):
            return CombinedStrategy(config, self._strategy(config.first), self._strategy(config.second))
        if config.name not in self._strategies:
            self._strategies[config.name] = build(config, self.memory, self._rehearsal)
        strategy = self._strategies[config.name]
        strategy.config, strategy.clip_gradient = config, self._learning.max_grad_norm
        return strategy

    def _with_reward_scales(self, rollout: Rollout, parts: Sequence[Collector], gamma: float) -> Rollout:
        """Update each task's return scale by its rewards; return the rollout with its reward divisors and units."""
        sizes = [part.size for part in parts]
        ends = torch.clamp(rollout.terminated + rollout.truncated, max=1)
        for part, paid, ended in zip(parts, rollout.rewards.split(sizes, 1), ends.split(sizes, 1), strict=True):
            self._scales[part.task_id].observe(paid, ended, gamma)
        divisors = [self._scales[part.task_id].divisor for part in parts for _ in range(part.size)]
        units = {part.task_id: self._scales[part.task_id].unit for part in parts}
        return replace(rollout, divisors=rollout.rewards.new_tensor(divisors), units=units)


def restore(snapshot: Snapshot, task_id: int | None = None) -> AgentPolicy:
    """Rebuild a policy from a snapshot, with the weights for the task `task_id`."""
    policy = policy_from_description(snapshot.about)
    policy.load_state_dict(
        {name: torch.from_numpy(np.array(array)) for name, array in snapshot.weights_for(task_id).items()}
    )
    return policy.eval()


def _as_numpy(task_array: Mapping[str, Tensor]) -> Arrays:
    """Return views of CPU tensors as arrays of the same shapes."""
    return {name: weight.numpy() for name, weight in task_array.items()}


def _generator(seed: np.random.SeedSequence) -> torch.Generator:
    return torch.Generator().manual_seed(int(seed.generate_state(1)[0]))


def _validated(settings: Any) -> StrategyConfig:
    strategy: StrategyConfig = TypeAdapter(StrategyConfig).validate_python(settings)
    return strategy


def entry_of(decision: CollectedDecision, actions: tuple[str, ...], step: int) -> MemoryEntry:
    """Return the memory entry of a decision in a rollout that began at `step`; the memory assigns its id."""
    return MemoryEntry(
        id=-1,
        task_id=decision.task_id,
        text=decision.text,
        action=actions[decision.action],
        reward=decision.reward,
        step=step + decision.row,
        picture_state=decision.picture_state,
    )
