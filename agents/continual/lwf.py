"""Learning without forgetting (Li & Hoiem, 2016): distil the old policy's decisions on the new task's sentences.

Nothing of the old tasks is kept but the agent that had learned them. On what the new task shows, its
decisions for each old task's actions are to stay: α · loss of the new task + (1 − α) · KL(then ‖ now).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.config.strategies import LwFConfig
from agents.continual import ContinualStrategy
from agents.continual.quadratic_penalty import Named
from agents.memory import Memory
from agents.policies import Observations, Policy
from agents.policies.frozen import decide_with, weights_of
from agents.rollout import Rollout
from agents.state_tree import State


class LwF(ContinualStrategy):
    """Distil the agent that began the stage, for the old tasks' actions, on the new task's sentences."""

    config: LwFConfig

    def __init__(self, config: LwFConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._learned: set[int] = set()
        """Tasks of which the teacher knows something."""
        self._teacher: Named = {}
        """The weights of the agent as it began the stage."""
        self._task_id = -1
        self._seen: Observations | None = None

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Make the agent of now the teacher, for every task that it has learned."""
        self._task_id, self._seen = task_id, None
        self._learned |= self.memory.consolidated(without=task_id).keys()
        self._teacher = weights_of(policy)

    def observe(self, rollout: Rollout) -> None:
        """Take the sentences to be judged from here."""
        self._seen = rollout.observations

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return (1 − α) / α · Σ KL(then ‖ now); `project` scales the whole gradient by α."""
        old = sorted(self._learned - {self._task_id})
        if self.config.alpha == 1 or not old or self._seen is None:
            return 0.0
        observations = self._offered(self._seen, old)
        now = self._flattened(policy(observations)[0].logits)
        then = self._flattened(decide_with(policy, self._teacher, observations).logits).exp()
        divergence = F.kl_div(now, then, reduction="none").sum(-1).mean()
        return (1 - self.config.alpha) / self.config.alpha * len(old) * divergence

    def project(self, policy: Policy) -> None:
        """Scale the gradient, so that it is that of α · loss + (1 − α) · KL."""
        if self._learned - {self._task_id}:
            for weight in policy.parameters():
                if weight.grad is not None:
                    weight.grad.mul_(self.config.alpha)

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Count the task among those to be kept."""
        self._learned.add(task_id)
        return ()

    def state(self) -> State:
        """Return the teacher, and what it knows. A checkpoint lies between updates, so no sentences are at hand."""
        return {"teacher": dict(self._teacher), "learned": sorted(self._learned), "task_id": self._task_id}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._teacher, self._learned = dict(state["teacher"]), set(state["learned"])
        self._task_id, self._seen = state["task_id"], None

    def _offered(self, seen: Observations, task_ids: list[int]) -> Observations:
        """Return some of the sentences with the actions of each old task to choose among."""
        size = self.config.batch_size * len(task_ids)
        rows = torch.randint(len(seen), (size,), generator=self.generator).to(seen.rows.device)
        chosen = seen[rows]
        offers = torch.tensor(task_ids, device=rows.device).repeat_interleave(self.config.batch_size)
        return Observations(chosen.prompts, chosen.rows, offers)

    def _flattened(self, logits: Tensor) -> Tensor:
        return (logits / self.config.temperature).log_softmax(-1)
