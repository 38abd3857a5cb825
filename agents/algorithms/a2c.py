"""Advantage actor-critic (Mnih et al., 2016), with all worlds in step: one gradient step a rollout."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.nn import functional as F

from agents.algorithms import Algorithm, Loss
from agents.algorithms.advantages import generalised_advantages, normalised, to_batch
from agents.config import A2CConfig
from agents.policies import Act
from agents.rollout import Batch, Rollout


class A2C(Algorithm):
    """Make each action as likely as it was better than expected, judging by what n steps paid and a value."""

    config: A2CConfig

    def __init__(self, config: A2CConfig) -> None:
        self.config = config
        self.entropy_weight = config.entropy_weight

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield the whole rollout once: the next one is lived with the weights that this one made."""
        advantages = generalised_advantages(rollout, self.config.gamma, self.config.gae_lambda)
        batch = to_batch(rollout, advantages)
        yield from batch.shuffled(max(len(batch), 1), generator)

    def loss(self, act: Act, batch: Batch) -> Loss:
        """Policy-gradient surrogate, plus value error, minus entropy."""
        actions, values = act(batch.observations)
        log_probs = actions.log_prob(batch.actions)
        advantages = normalised(batch.advantages) if self.config.normalise else batch.advantages
        surrogate = -(log_probs * advantages).mean()
        value_error = F.mse_loss(values, batch.returns)
        entropy = actions.entropy().mean()
        total = surrogate + self.config.value_weight * value_error - self.entropy_weight * entropy
        terms = {
            "policy": surrogate.detach(),
            "value": value_error.detach(),
            "entropy": entropy.detach(),
            "kl": (batch.log_probs - log_probs.detach()).mean(),
        }
        return Loss(total, terms)
