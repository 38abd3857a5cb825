"""Epsilon-greedy exploration around a policy."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Categorical

from agents.policies import Observations, Policy


class EpsilonGreedy(Policy):
    """Takes the likeliest action, or now and then any; equally likely ones share the rest."""

    def __init__(self, policy: Policy, epsilon: float) -> None:
        super().__init__()
        self._policy, self._epsilon = policy, epsilon

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Let the policy itself get to know a task."""
        self._policy.add_task(task_id, actions, words)

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Prepare sentences as the policy does."""
        return self._policy.encode(texts, task_ids)

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return the probabilities of what is really done, and the policy's values."""
        distribution, values = self._policy(observations)
        offered = allowed_actions(distribution)
        best = distribution.logits == distribution.logits.max(-1, keepdim=True).values
        probabilities = (1 - self._epsilon) * _shared(best) + self._epsilon * _shared(offered)
        logits = probabilities.log().clamp(min=torch.finfo(probabilities.dtype).min)
        return Categorical(logits=logits, validate_args=False), values


def allowed_actions(distribution: Categorical) -> Tensor:
    """Return (B, A) whether the decision's task offers the action: what it does not is masked by the least number."""
    lowest = torch.finfo(distribution.logits.dtype).min
    offered: Tensor = distribution.logits > lowest / 2
    return offered


def _shared(chosen: Tensor) -> Tensor:
    """Return equal probabilities for the chosen actions of each row."""
    return chosen.float() / chosen.sum(-1, keepdim=True)
