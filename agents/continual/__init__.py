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
    """Nine moments at which a strategy may act; by default it does nothing.

    The base class is therefore the naive fine-tuning baseline. Override only the
    moments you need. Every hook receives what it uses and returns what it makes; none
    reaches into the learner. `memory` is the agent's one memory, filled under every
    strategy; a strategy reads it and never writes. `config` may be replaced while a run
    goes on, so a strategy reads its settings when it uses them.
    """

    config: Any
    clip_gradient: float = math.inf
    """Largest norm of a gradient where the strategy trains by itself: the learner's setting, kept up to date for it."""
    collects_from_all_tasks: ClassVar[bool] = False
    """Whether every stage lives in the worlds of all tasks at once, not of its own alone."""

    def __init__(self, config: Any, memory: Memory, generator: torch.Generator) -> None:
        self.config, self.memory, self.generator = config, memory, generator

    @property
    def parts(self) -> tuple[ContinualStrategy, ...]:
        """The strategies of which it consists: itself, unless it combines others."""
        return (self,)

    @property
    def exploration(self) -> float:
        """How many times the algorithm's entropy bonus a schedule begins with."""
        return 1.0

    @property
    def floor(self) -> float:
        """What advantages are divided by at least, in parts of their task's largest return; 0: no floor."""
        return 0.0

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Prepare for a stage on the task at `task_id`, or for taking over in the middle of one."""

    def observe(self, rollout: Rollout) -> None:
        """See what was just lived through, before the agent learns from it."""

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return a term to add to the loss: springs, distillation, rehearsal."""
        return 0.0

    def project(self, policy: Policy) -> None:
        """Adjust gradients after the backward pass (GEM)."""

    def gradients(self) -> Sequence[Tensor]:
        """Return the gradients of what it trains beside the policy's weights, in place, as `project` has left them.

        They are clipped and checked together with the policy's own, before `constrain` follows them.
        """
        return ()

    def constrain(self, policy: Policy) -> None:
        """Adjust weights after the step: Adam moves a weight even if its gradient is zero."""

    def activate(self, policy: Policy, task_id: int) -> None:
        """Switch to what belongs to a task (adapters, masks), as evaluation does."""

    def task_weights(self, policy: Policy, task_ids: Iterable[int]) -> TaskWeights:
        """Return the full weights that `activate` would load, for those task ids where others are loaded now.

        For whoever shows or stores the agent without stopping it: nothing changes, and the tensors,
        on the host, are never written to again. Those of a finished task are made once and shared.
        """
        return {}

    def leave(self, policy: Policy) -> None:
        """Let another strategy take over; it finds the agent as the running task knows it. Asked twice, do it once."""

    def state(self) -> State:
        """Return what was learned about earlier tasks; the memory keeps its own."""
        return {}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Consolidate what the stage taught, given its last rollout, a breath after each step if it takes long."""
        return ()
