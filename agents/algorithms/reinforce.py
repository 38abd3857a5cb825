"""REINFORCE (Williams, 1992), with the value head or nothing as the baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from agents.algorithms.advantages import discounted_returns, normalised_by_task, to_batch
from agents.algorithms.policy_gradient import PolicyGradient
from agents.config.algorithms import ReinforceConfig
from agents.rollout import Batch, Rollout


class Reinforce(PolicyGradient):
    """Policy gradient with Monte Carlo returns, minus the value as a baseline or without one."""

    config: ReinforceConfig

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield every decision once, in shuffled minibatches."""
        returns = discounted_returns(rollout, self.config.gamma)
        batch = to_batch(rollout, returns - rollout.values)
        if self.config.baseline == "none":
            batch = replace(batch, advantages=returns.flatten())
        return batch.shuffled(self.config.batch_size, generator)

    def weights(self, batch: Batch) -> Tensor:
        """Return the weight of each log-probability, (B,); without a baseline, no mean is subtracted."""
        if not self.config.normalize_advantage:
            return batch.advantages
        centred = self.config.baseline != "none"
        return normalised_by_task(
            batch.advantages, batch.returns, batch.observations.task_ids, self.floors, centred=centred
        )
