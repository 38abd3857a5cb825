"""Continual-learning strategies: methods against catastrophic forgetting."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from agents.continual.task_weights import TaskWeights
from agents.memory import Memory
from agents.policies import Policy
from agents.rollout import Rollout
from agents.state_tree import State


class ContinualStrategy:
    """Base class of strategies: hooks around the gradient step and the stage, all of which do nothing by default.

    The base class is therefore the naive fine-tuning baseline; a subclass overrides only the hooks that it needs.
    Hooks receive what they use and return their results; none reaches into the learner. `memory` is the agent's one
    memory, which the trainer fills under every strategy; a strategy only reads it. `config` may be replaced during a
    run, so a strategy reads its settings when it uses them.

    Order of a stage: `begin_task`; for each rollout `observe`, then for each gradient step `penalty`, backward pass,
    `project`, `gradients`, clipping, optimiser step, `constrain`; at the end of the stage `end_task`.
    """

    config: Any
    clip_gradient: float = math.inf
    """Maximum gradient norm when the strategy trains by itself; the agent keeps it equal to the learner's setting."""
    collects_from_all_tasks: ClassVar[bool] = False
    """Whether each stage collects from the environments of all tasks, not only from those of its own."""

    def __init__(self, config: Any, memory: Memory, generator: torch.Generator) -> None:
        self.config, self.memory, self.generator = config, memory, generator

    @property
    def parts(self) -> tuple[ContinualStrategy, ...]:
        """The strategies that this one combines; a single strategy is its own only part."""
        return (self,)

    @property
    def ent_coef_scale(self) -> float:
        """Factor on the algorithm's entropy coefficient at the start of its schedule."""
        return 1.0

    @property
    def min_advantage_scale(self) -> float:
        """Lower bound of the divisor of advantages, as a fraction of the task's largest return; 0: no bound."""
        return 0.0

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Prepare for a stage on the task `task_id`. Also called when the strategy is switched on during a stage."""

    def observe(self, rollout: Rollout) -> None:
        """Receive a rollout before the agent learns from it."""

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return a scalar to add to the loss: a quadratic penalty, a distillation loss, a rehearsal loss."""
        return 0.0

    def project(self, policy: Policy) -> None:
        """Change the gradients in place after the backward pass, as GEM does."""

    def gradients(self) -> Sequence[Tensor]:
        """Return the gradients of the strategy's own parameters, such as adapters, each shaped like its parameter.

        The learner clips them in place, together with the policy's; `constrain` then applies them.
        """
        return ()

    def constrain(self, policy: Policy) -> None:
        """Change weights after the optimiser step; Adam moves a weight even if its gradient is 0."""

    def activate(self, policy: Policy, task_id: int) -> None:
        """Load the weights of a task (its adapter or mask) into the policy, as evaluation does."""

    def task_weights(self, policy: Policy, task_ids: Iterable[int]) -> TaskWeights:
        """Return the full weights that `activate` would load, by task id, where they differ from the loaded ones.

        Snapshots and checkpoints use it while training continues: the policy is not changed, and the returned tensors,
        in host memory, are never written to again. Those of a finished task are computed once and shared.
        """
        return {}

    def deactivate(self, policy: Policy) -> None:
        """Load the weights of the running task, so that another strategy can take over. Idempotent."""

    def state(self) -> State:
        """Return what a checkpoint must store of the strategy; the memory is stored by itself."""
        return {}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Consolidate the task after its stage, given the last rollout; yield after each step if it takes long."""
        return ()
