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
    """Acts at random, whatever it reads: the control that every score is to be read against."""

    def __init__(self) -> None:
        super().__init__()
        self.action_sets: dict[int, tuple[str, ...]] = {}
        self._device = nn.Buffer(torch.empty(0), persistent=False)

    @classmethod
    def create(cls, config: RandomConfig, generator: torch.Generator) -> Self:
        """Return one; nothing is drawn."""
        return cls()

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Get to know a task's actions."""
        self.action_sets[task_id] = tuple(actions)

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Read nothing: all sentences are one."""
        device = self._device.device
        nothing = Prompts.padded([[0]], device)
        rows = torch.zeros(len(texts), dtype=torch.long, device=device)
        return Observations(nothing, rows, torch.tensor(task_ids, dtype=torch.long, device=device))

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return equal probabilities for each decision's own actions, and no value."""
        widest = max(len(action_set) for action_set in self.action_sets.values())
        places = torch.arange(widest, device=observations.task_ids.device)
        counts = torch.tensor([len(self.action_sets[task_id]) for task_id in observations.task_ids.tolist()])
        barred = places >= counts.to(places.device)[:, None]
        logits = torch.zeros(len(observations), widest, device=places.device)
        logits = logits.masked_fill(barred, torch.finfo(logits.dtype).min)
        return Categorical(logits=logits, validate_args=False), torch.zeros(len(observations), device=places.device)

    def description(self) -> dict[str, Any]:
        """Return, as JSON data, all there is to it."""
        return {
            "kind": "random",
            "action_sets": {str(task_id): list(action_set) for task_id, action_set in self.action_sets.items()},
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the policy that `description` tells of."""
        policy = cls()
        for task_id, action_set in description["action_sets"].items():
            policy.add_task(int(task_id), action_set, ())
        return policy
