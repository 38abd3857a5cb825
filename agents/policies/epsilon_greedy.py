"""Epsilon-greedy exploration around a policy."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Categorical

from agents.policies import Observations, Policy


class EpsilonGreedy(Policy):
    """Takes the likeliest action with probability 1 - epsilon, else any; ties share the probability."""

    def __init__(self, policy: Policy, epsilon: float) -> None:
        super().__init__()
        self._policy, self._epsilon = policy, epsilon

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Register a task with the wrapped policy."""
        self._policy.add_task(task_id, actions, words)

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Encode sentences as the wrapped policy does."""
        return self._policy.encode(texts, task_ids)

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return the behaviour distribution, with logits (B, A), and the wrapped policy's values (B,)."""
        distribution, values = self._policy(observations)
        offered = allowed_actions(distribution)
        best = distribution.logits == distribution.logits.max(-1, keepdim=True).values
        probabilities = (1 - self._epsilon) * _uniform_over(best) + self._epsilon * _uniform_over(offered)
        # log(0) is -inf; the dtype's minimum instead, as every policy masks
        logits = probabilities.log().clamp(min=torch.finfo(probabilities.dtype).min)
        return Categorical(logits=logits, validate_args=False), values


def allowed_actions(distribution: Categorical) -> Tensor:
    """Return the mask (B, A) of available actions: the logits of all others are the dtype's minimum."""
    lowest = torch.finfo(distribution.logits.dtype).min
    offered: Tensor = distribution.logits > lowest / 2
    return offered


def _uniform_over(chosen: Tensor) -> Tensor:
    """Return equal probabilities (B, A) for the actions of each row that the mask `chosen` (B, A) selects."""
    return chosen.float() / chosen.sum(-1, keepdim=True)
