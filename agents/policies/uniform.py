"""The uniform random policy, without parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.distributions import Categorical

from agents.config.algorithms import RandomConfig
from agents.language import Prompts
from agents.policies import AgentPolicy, Observations


class UniformPolicy(AgentPolicy):
    """Uniform over a task's actions, whatever the observation: the control for every score."""

    def __init__(self) -> None:
        super().__init__()
        self.action_sets: dict[int, tuple[str, ...]] = {}
        self._device = nn.Buffer(torch.empty(0), persistent=False)

    @classmethod
    def create(cls, config: RandomConfig, generator: torch.Generator) -> Self:
        """Return the policy; `generator` is not used."""
        return cls()

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Register a task's actions."""
        self.action_sets[task_id] = tuple(actions)

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Ignore the texts: all decisions share one dummy sentence."""
        device = self._device.device
        prompts = Prompts.padded([[0]], device)
        rows = torch.zeros(len(texts), dtype=torch.long, device=device)
        return Observations(prompts, rows, torch.tensor(task_ids, dtype=torch.long, device=device))

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return the uniform distribution, logits (B, A), over each action set, and values of 0, (B,)."""
        longest = max(len(action_set) for action_set in self.action_sets.values())
        indices = torch.arange(longest, device=observations.task_ids.device)
        counts = torch.tensor([len(self.action_sets[task_id]) for task_id in observations.task_ids.tolist()])
        unavailable = indices >= counts.to(indices.device)[:, None]
        logits = torch.zeros(len(observations), longest, device=indices.device)
        logits = logits.masked_fill(unavailable, torch.finfo(logits.dtype).min)
        return Categorical(logits=logits, validate_args=False), torch.zeros(len(observations), device=indices.device)

    def description(self) -> dict[str, Any]:
        """Return the kind and the action sets, as JSON data."""
        return {
            "kind": "random",
            "action_sets": {str(task_id): list(action_set) for task_id, action_set in self.action_sets.items()},
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the policy of a `description`."""
        policy = cls()
        for task_id, action_set in description["action_sets"].items():
            policy.add_task(int(task_id), action_set, ())
        return policy
