"""Train on digit tasks one after another, with the learner and strategies of the language agent. Shape: B images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from agents.algorithms import Algorithm, Loss
from agents.config.algorithms import PPOConfig
from agents.config.learning import EpisodicConfig, LearningConfig
from agents.continual import ContinualStrategy
from agents.events import MemoryEntry
from agents.memory import consolidate_memory
from agents.memory.episodic import EpisodicMemory
from agents.policies import Act, Observations
from agents.registry import STRATEGIES, build, names
from agents.rollout import Batch, Rollout
from agents.supervised.digits import SEQUENCES, DigitTask, Examples
from agents.supervised.network import DigitPolicy, as_observations, as_text
from agents.update.gradient_learner import Learner

JOINT = "joint"
"""All tasks at once: the upper bound."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The training settings of each task, the same for every strategy."""

    rate: float = 5e-3
    epochs: int = 30
    minibatch: int = 32
    remembered: int = 50
    """Images in memory per task: 200 are rehearsed during the fifth."""
    by_label: bool = False
    """Whether rehearsal targets are the labels, instead of the policy's outputs at the end of the task."""


@dataclass(frozen=True, slots=True)
class DigitArm:
    """One condition of an experiment: a sequence and a strategy with its settings."""

    sequence: str
    strategy: str
    settings: Mapping[str, Any]


class CrossEntropy(Algorithm):
    """Supervised learning as an algorithm: cross-entropy with the label as the action.

    Only epochs and batch size of the PPO settings are used.
    """

    config: PPOConfig

    def __init__(self, budget: Budget) -> None:
        self.config = PPOConfig(n_epochs=budget.epochs, batch_size=budget.minibatch, ent_coef=0.0)
        self.ent_coef = 0.0

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield the minibatches of `n_epochs` passes over the images, reshuffled for each pass."""
        zeros = torch.zeros(len(rollout.observations))
        batch = Batch(rollout.observations, rollout.actions.flatten(), zeros, zeros, zeros)
        for _ in range(self.config.n_epochs):
            yield from batch.shuffled(self.config.batch_size, generator)

    def loss(self, act: Act, batch: Batch) -> Loss:
        """Return the mean negative log-probability of the B labels, as a scalar."""
        loss = -act(batch.observations)[0].log_prob(batch.actions).mean()
        return Loss(loss, {"cross_entropy": loss.detach()})


def learn(arm: DigitArm, seed: int, budget: Budget | None = None, *, validation: bool = False) -> NDArray[np.float64]:
    """Return the evaluation matrix R, (stages + 1, tasks): held-out accuracy before training and after each stage.

    The joint condition has a single stage.
    """
    tasks = SEQUENCES[arm.sequence](seed, validation=validation)
    agent = DigitAgent(arm, tasks, seed, budget or Budget())
    rows = [agent.accuracies()]
    if arm.strategy == JOINT:
        agent.train_stage(0, range(len(tasks)))
        return np.array([*rows, agent.accuracies()])
    for task_id in range(len(tasks)):
        agent.train_stage(task_id, (task_id,))
        rows.append(agent.accuracies())
    return np.array(rows)


class DigitAgent:
    """A digit policy with a strategy and a memory, as `agents.agent.Agent` is a language policy with both."""

    def __init__(self, arm: DigitArm, tasks: Sequence[DigitTask], seed: int, budget: Budget) -> None:
        self.tasks, self._budget = tasks, budget
        seeds = np.random.SeedSequence([seed, 3]).generate_state(4).tolist()
        init_rng, shuffle_rng, rehearsal_rng = (torch.Generator().manual_seed(word) for word in seeds[:3])
        self.policy = DigitPolicy(init_rng)
        for task_id, task in enumerate(tasks):
            self.policy.add_task(task_id, [str(digit) for digit in task.menu])
        self.memory = EpisodicMemory(EpisodicConfig(buffer_size=budget.remembered), np.random.default_rng(seeds[3]))
        kind = names(STRATEGIES)[arm.strategy]
        self.strategy: ContinualStrategy = build(kind(**arm.settings), self.memory, rehearsal_rng)
        # gradients are not clipped, as in the libraries that this is compared with
        learning = LearningConfig(
            learning_rate=budget.rate,
            final_learning_rate=budget.rate,
            final_ent_coef=0.0,
            burst_ent_coef=0.0,
            max_grad_norm=1e9,
        )
        self.learner = Learner(self.policy, CrossEntropy(budget), self.strategy, learning, shuffle_rng)

    def train_stage(self, task_id: int, task_ids: Sequence[int]) -> None:
        """Train on the tasks `task_ids` together, as the stage of the task `task_id`."""
        rollout = _as_rollout([(self.tasks[each].train, each) for each in task_ids])
        self.learner.begin_stage(1)
        self.strategy.begin_task(self.policy, task_id)
        self.strategy.observe(rollout)
        for _ in self.learner.learn(rollout, 0):
            pass
        self._remember(task_id, rollout)
        for _ in self.strategy.end_task(self.policy, task_id, rollout):
            pass
        consolidate_memory(self.memory, self.policy, task_id)
        if self._budget.by_label:
            self._store_labels(task_id)

    @torch.no_grad()
    def accuracies(self) -> list[float]:
        """Return the accuracy on each task's held-out images."""
        return [self._accuracy(task_id, task.held_out) for task_id, task in enumerate(self.tasks)]

    def _accuracy(self, task_id: int, examples: Examples) -> float:
        self.strategy.activate(self.policy, task_id)
        predicted = self.policy(_observations(examples, task_id))[0].logits.argmax(-1)
        return float((predicted == examples.labels).double().mean())

    def _store_labels(self, task_id: int) -> None:
        menu, entries = self.tasks[task_id].menu, self.memory.entries(task_id)
        indices = torch.tensor([menu.index(int(entry.action)) for entry in entries])
        self.memory.store_targets(task_id, F.one_hot(indices, len(menu)).float(), torch.zeros(len(entries)))

    def _remember(self, task_id: int, rollout: Rollout) -> None:
        """Write some of the training images to the memory, which chooses among them as from a stream."""
        chosen = torch.from_numpy(self.memory.choose(task_id, len(rollout.observations), 1)[:, 0])
        images, menu = rollout.observations.prompts.tokens[chosen], self.tasks[task_id].menu
        entries = [
            MemoryEntry(id=-1, task_id=task_id, text=as_text(image), action=str(menu[label]), reward=0.0, step=0)
            for image, label in zip(images, rollout.actions.flatten()[chosen].tolist(), strict=True)
        ]
        self.memory.write(task_id, entries, 0)


def _observations(examples: Examples, task_id: int) -> Observations:
    return as_observations(examples.images, torch.full_like(examples.labels, task_id))


def _as_rollout(parts: Sequence[tuple[Examples, int]]) -> Rollout:
    """Return images as a rollout (B, 1) in which every action is the label, with rewards of 0 and no episode end."""
    images, labels = (torch.cat([getattr(examples, name) for examples, _ in parts]) for name in ("images", "labels"))
    task_ids = torch.cat([torch.full_like(examples.labels, task_id) for examples, task_id in parts])
    zeros: Tensor = torch.zeros(len(labels), 1)
    return Rollout(as_observations(images, task_ids), labels[:, None], *(zeros,) * 6, last_values=torch.zeros(1))
