"""REINFORCE (Williams, 1992), with the value of the sentence, or nothing, as its baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch.nn import functional as F

from agents.algorithms import Algorithm, Loss
from agents.algorithms.advantages import discounted_returns, normalised, to_batch
from agents.config import ReinforceConfig
from agents.policies import Act
from agents.rollout import Batch, Rollout


class Reinforce(Algorithm):
    """Make each action as likely as its return was above what was expected."""

    config: ReinforceConfig

    def __init__(self, config: ReinforceConfig) -> None:
        self.config = config
        self.entropy_weight = config.entropy_weight

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield every decision once, in shuffled minibatches."""
        returns = discounted_returns(rollout, self.config.gamma)
        batch = to_batch(rollout, returns - rollout.values)
        if self.config.baseline == "none":
            batch = replace(batch, advantages=returns.flatten())
        return batch.shuffled(self.config.minibatch, generator)

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
