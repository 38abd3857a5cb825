"""Advantage actor-critic (Mnih et al., 2016) on synchronous environments: one gradient step a rollout."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from agents.algorithms.advantages import generalised_advantages, to_batch
from agents.algorithms.policy_gradient import PolicyGradient
from agents.config.algorithms import A2CConfig
from agents.rollout import Batch, Rollout


class A2C(PolicyGradient):
    """Make each action as likely as it was better than expected, judging by what n steps paid and a value."""

    config: A2CConfig

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield the whole rollout once: the next one is lived with the weights that this one made."""
        advantages = generalised_advantages(rollout, self.config.gamma, self.config.gae_lambda)
        batch = to_batch(rollout, advantages)
        yield from batch.shuffled(max(len(batch), 1), generator)
