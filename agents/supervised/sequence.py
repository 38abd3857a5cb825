"""Train on digit tasks one after another, with the learner and strategies of the language agent."""

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
from agents.supervised.network import DigitPolicy, observed, written
from agents.update.gradient_learner import Learner

JOINT = "joint"
"""All tasks at once: the ceiling."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long each task is learned, the same for every strategy."""

    rate: float = 5e-3
    epochs: int = 30
    minibatch: int = 32
    remembered: int = 50
    """Images kept of each task: 200 are rehearsed while the fifth is learned."""
    by_label: bool = False
    """Rehearse the labels of these images, not what was decided on them when they had been learned."""


@dataclass(frozen=True, slots=True)
class DigitArm:
    """One way to go through a sequence."""

    sequence: str
    strategy: str
    settings: Mapping[str, Any]


class CrossEntropy(Algorithm):
    """Supervised learning as a policy's loss: make the label the likeliest action.

    `config` lends its epochs and minibatch; nothing else of PPO is used.
    """

    config: PPOConfig

    def __init__(self, budget: Budget) -> None:
        self.config = PPOConfig(n_epochs=budget.epochs, batch_size=budget.minibatch, ent_coef=0.0)
        self.ent_coef = 0.0

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield shuffled minibatches, `epochs` times over."""
        nothing = torch.zeros(len(rollout.observations))
        batch = Batch(rollout.observations, rollout.actions.flatten(), nothing, nothing, nothing)
        for _ in range(self.config.n_epochs):
            yield from batch.shuffled(self.config.batch_size, generator)

    def loss(self, act: Act, batch: Batch) -> Loss:
        """Mean negative log-probability of the labels."""
        loss = -act(batch.observations)[0].log_prob(batch.actions).mean()
        return Loss(loss, {"cross_entropy": loss.detach()})


def learn(arm: DigitArm, seed: int, budget: Budget | None = None, *, validation: bool = False) -> NDArray[np.float64]:
    """Return R: accuracy on each task's held-out images, a row before and one after each stage.

    The joint arm has two rows, before and after.
    """
    tasks = SEQUENCES[arm.sequence](seed, validation=validation)
    pupil = DigitAgent(arm, tasks, seed, budget or Budget())
    rows = [pupil.accuracies()]
    if arm.strategy == JOINT:
        pupil.study(0, range(len(tasks)))
        return np.array([*rows, pupil.accuracies()])
    for task_id in range(len(tasks)):
        pupil.study(task_id, (task_id,))
        rows.append(pupil.accuracies())
    return np.array(rows)


class DigitAgent:
    """A digit policy with a strategy and a memory, as `agents.agent.Agent` is a language policy with both."""

    def __init__(self, arm: DigitArm, tasks: Sequence[DigitTask], seed: int, budget: Budget) -> None:
        self.tasks, self._budget = tasks, budget
        seeds = np.random.SeedSequence([seed, 3]).generate_state(4).tolist()
        birth, shuffle, rehearsal = (torch.Generator().manual_seed(word) for word in seeds[:3])
        self.policy = DigitPolicy(birth)
        for task_id, task in enumerate(tasks):
            self.policy.add_task(task_id, [str(digit) for digit in task.menu])
        self.memory = EpisodicMemory(EpisodicConfig(buffer_size=budget.remembered), np.random.default_rng(seeds[3]))
        kind = names(STRATEGIES)[arm.strategy]
        self.strategy: ContinualStrategy = build(kind(**arm.settings), self.memory, rehearsal)
        # the norm of a gradient is left alone: no library beside which this is measured clips it
        learning = LearningConfig(
            learning_rate=budget.rate,
            final_learning_rate=budget.rate,
            final_ent_coef=0.0,
            burst_ent_coef=0.0,
            max_grad_norm=1e9,
        )
        self.learner = Learner(self.policy, CrossEntropy(budget), self.strategy, learning, shuffle)

    def study(self, task_id: int, task_ids: Sequence[int]) -> None:
        """Learn the tasks at `task_ids` together, as the stage of the task at `task_id`."""
        rollout = _shown([(self.tasks[place].train, place) for place in task_ids])
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
            self._note_labels(task_id)

    @torch.no_grad()
    def accuracies(self) -> list[float]:
        """Return the part of each task's held-out images that is named rightly."""
        return [self._accuracy(task_id, task.held_out) for task_id, task in enumerate(self.tasks)]

    def _accuracy(self, task_id: int, asked: Examples) -> float:
        self.strategy.activate(self.policy, task_id)
        named = self.policy(_asked(asked, task_id))[0].logits.argmax(-1)
        return float((named == asked.labels).double().mean())

    def _note_labels(self, task_id: int) -> None:
        menu, entries = self.tasks[task_id].menu, self.memory.entries(task_id)
        places = torch.tensor([menu.index(int(entry.action)) for entry in entries])
        self.memory.store_targets(task_id, F.one_hot(places, len(menu)).float(), torch.zeros(len(entries)))

    def _remember(self, task_id: int, rollout: Rollout) -> None:
        """Let the memory choose among what was shown, in the order of a stream."""
        chosen = torch.from_numpy(self.memory.choose(task_id, len(rollout.observations), 1)[:, 0])
        images, menu = rollout.observations.prompts.tokens[chosen], self.tasks[task_id].menu
        moments = [
            MemoryEntry(id=-1, task_id=task_id, text=written(image), action=str(menu[label]), reward=0.0, step=0)
            for image, label in zip(images, rollout.actions.flatten()[chosen].tolist(), strict=True)
        ]
        self.memory.write(task_id, moments, 0)


def _asked(examples: Examples, task_id: int) -> Observations:
    return observed(examples.images, torch.full_like(examples.labels, task_id))


def _shown(parts: Sequence[tuple[Examples, int]]) -> Rollout:
    """Return examples as experience in which every label was the action; nothing was paid and nothing ended."""
    images, labels = (torch.cat([getattr(examples, name) for examples, _ in parts]) for name in ("images", "labels"))
    task_ids = torch.cat([torch.full_like(examples.labels, task_id) for examples, task_id in parts])
    nothing: Tensor = torch.zeros(len(labels), 1)
    return Rollout(observed(images, task_ids), labels[:, None], *(nothing,) * 6, last_values=torch.zeros(1))
