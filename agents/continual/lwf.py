"""Learning without forgetting (Li & Hoiem, 2016): distil the old policy's decisions on the new task's sentences.

No data of the old tasks is needed, only the weights from before the stage (the teacher). On the new task's sentences,
the action distributions of every old task are distilled: α · loss of the new task + (1 − α) · KL(teacher ‖ student).

Shapes: B decisions (`batch_size` for each old task), A actions of the largest action set.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.config.strategies import LwFConfig
from agents.continual import ContinualStrategy
from agents.continual.quadratic_penalty import NamedTensors
from agents.memory import Memory
from agents.policies import Observations, Policy
from agents.policies.frozen import decide_with, weights_of
from agents.rollout import Rollout
from agents.state_tree import State


class LwF(ContinualStrategy):
    """Distil the policy from before the stage, for the old tasks' actions, on the new task's sentences."""

    config: LwFConfig

    def __init__(self, config: LwFConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._learned: set[int] = set()
        """Ids of the tasks that the teacher has learned."""
        self._teacher: NamedTensors = {}
        """Weights of the policy at the start of the stage."""
        self._task_id = -1
        self._observations: Observations | None = None
        """Of the last rollout."""

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Copy the current weights as the teacher of every task learned so far."""
        self._task_id, self._observations = task_id, None
        self._learned |= self.memory.consolidated(without=task_id).keys()
        self._teacher = weights_of(policy)

    def observe(self, rollout: Rollout) -> None:
        """Distil on the sentences of this rollout from now on."""
        self._observations = rollout.observations

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return (1 − α) / α · Σₖ KL(teacher ‖ student), a scalar; `project` then scales the whole gradient by α."""
        old = sorted(self._learned - {self._task_id})
        if self.config.alpha == 1 or not old or self._observations is None:
            return 0.0
        observations = self._sample(self._observations, old)
        student = self._soften(policy(observations)[0].logits)  # (B, A)
        teacher = self._soften(decide_with(policy, self._teacher, observations).logits).exp()
        divergence = F.kl_div(student, teacher, reduction="none").sum(-1).mean()
        return (1 - self.config.alpha) / self.config.alpha * len(old) * divergence

    def project(self, policy: Policy) -> None:
        """Multiply the gradients by α: they become those of α · loss + (1 − α) · KL."""
        if self._learned - {self._task_id}:
            for weight in policy.parameters():
                if weight.grad is not None:
                    weight.grad.mul_(self.config.alpha)

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Add the task to those to be distilled."""
        self._learned.add(task_id)
        return ()

    def state(self) -> State:
        """Return the teacher and its tasks. Observations are not stored: every update begins with a new rollout."""
        return {"teacher": dict(self._teacher), "learned": sorted(self._learned), "task_id": self._task_id}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._teacher, self._learned = dict(state["teacher"]), set(state["learned"])
        self._task_id, self._observations = state["task_id"], None

    def _sample(self, observations: Observations, task_ids: list[int]) -> Observations:
        """Draw `batch_size` sentences for each old task, to be decided with that task's actions."""
        size = self.config.batch_size * len(task_ids)
        rows = torch.randint(len(observations), (size,), generator=self.generator).to(observations.rows.device)
        chosen = observations[rows]
        old_ids = torch.tensor(task_ids, device=rows.device).repeat_interleave(self.config.batch_size)
        return Observations(chosen.prompts, chosen.rows, old_ids)

    def _soften(self, logits: Tensor) -> Tensor:
        """Return the log-probabilities (B, A) at the configured temperature."""
        return (logits / self.config.temperature).log_softmax(-1)
