"""Advantage actor-critic (Mnih et al., 2016) on synchronous environments: one gradient step a rollout."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from agents.algorithms.advantages import generalised_advantages, to_batch
from agents.algorithms.policy_gradient import PolicyGradient
from agents.config.algorithms import A2CConfig
from agents.rollout import Batch, Rollout


class A2C(PolicyGradient):
    """Policy gradient with GAE advantages, and the whole rollout as one batch."""

    config: A2CConfig

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield the whole rollout as one batch: a second step on it would be off-policy."""
        advantages = generalised_advantages(rollout, self.config.gamma, self.config.gae_lambda)
        batch = to_batch(rollout, advantages)
        yield from batch.shuffled(max(len(batch), 1), generator)
