"""Group-relative policy optimisation (Shao et al., 2024): episodes of one task are judged by one another."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from agents.algorithms import Algorithm, Loss
from agents.algorithms.advantages import to_batch
from agents.algorithms.stretches import Stretches, stretches
from agents.config import GRPOConfig
from agents.policies import Act
from agents.rollout import Batch, Rollout

SPREAD_GUARD = 1e-4
"""Added to a group's deviation: where all went equally well, rounding errors must not become advantages."""


class GRPO(Algorithm):
    """Do more of what was done in the episodes that went better than the rest of their group. No value is learned.

    A group is all that a rollout lived in one task. Of an episode that the rollout cuts,
    only the decisions and rewards inside it count.
    """

    config: GRPOConfig

    def __init__(self, config: GRPOConfig) -> None:
        self.config = config
        self.entropy_weight = config.entropy_weight

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield shuffled minibatches, `epochs` times over."""
        seen = stretches(rollout, self.config.gamma)
        advantages = group_advantages(seen, spread=self.config.normalise)
        if self.config.per_episode:  # the clipped objective scales with its advantage, which can carry the weight
            advantages = advantages * seen.lengths.float().mean() / seen.lengths
        batch = to_batch(rollout, advantages[seen.of])
        for _ in range(self.config.epochs):
            yield from batch.shuffled(self.config.minibatch, generator)

    def loss(self, act: Act, batch: Batch) -> Loss:
        """Clipped surrogate, plus the divergence from the policy that lived the rollout, minus entropy."""
        clip = self.config.clip
        actions, _ = act(batch.observations)
        log_ratio = actions.log_prob(batch.actions) - batch.log_probs
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip, 1 + clip)
        surrogate = -torch.min(ratio * batch.advantages, clipped * batch.advantages).mean()
        divergence = (torch.expm1(-log_ratio) + log_ratio).mean()  # equation 4: unbiased, and never below 0
        entropy = actions.entropy().mean()
        total = surrogate + self.config.kl_weight * divergence - self.entropy_weight * entropy
        with torch.no_grad():
            terms = {
                "policy": surrogate.detach(),
                "entropy": entropy.detach(),
                "kl": divergence.detach(),
                "clip_fraction": ((ratio - 1).abs() > clip).float().mean(),
            }
        return Loss(total, terms)


def group_advantages(seen: Stretches, *, spread: bool) -> Tensor:
    """Return (S,) how much better each stretch went than its task's mean, in deviations of the group if `spread`."""
    advantages = torch.zeros_like(seen.outcomes)
    for column in seen.columns.unique():
        group = seen.columns == column
        outcomes = seen.outcomes[group]
        apart = outcomes - outcomes.mean()
        advantages[group] = apart / (outcomes.std() + SPREAD_GUARD) if spread and len(outcomes) > 1 else apart
    return advantages
