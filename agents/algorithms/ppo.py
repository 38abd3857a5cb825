"""Proximal policy optimisation (Schulman et al., 2017), with generalised advantage estimation."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.nn import functional as F

from agents.algorithms import Algorithm, Loss
from agents.algorithms.advantages import generalised_advantages, normalised_by_task, to_batch
from agents.config.algorithms import PPOConfig
from agents.policies import Act
from agents.rollout import Batch, Rollout


class PPO(Algorithm):
    """Several epochs of minibatches per rollout; the clipped objective keeps the policy close to the old one."""

    config: PPOConfig

    def __init__(self, config: PPOConfig) -> None:
        self.config = config
        self.ent_coef = config.ent_coef

    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Batch]:
        """Yield the minibatches of `n_epochs` passes over the rollout, reshuffled for each pass."""
        batch = to_batch(rollout, generalised_advantages(rollout, self.config.gamma, self.config.gae_lambda))
        for _ in range(self.config.n_epochs):
            yield from batch.shuffled(self.config.batch_size, generator)

    def loss(self, act: Act, batch: Batch) -> Loss:
        """Return the scalar to minimise for a minibatch of B decisions, the negative of equation 9.

        That is the negative clipped surrogate (equation 7) + vf_coef · value error − entropy coefficient · entropy.
        """
        clip = self.config.clip_range
        actions, values = act(batch.observations)  # logits (B, A), values (B,)
        log_ratio = actions.log_prob(batch.actions) - batch.log_probs  # (B,)
        ratio = log_ratio.exp()
        # per minibatch, as in the reference implementation, and per task, so that no task dominates
        advantages = normalised_by_task(batch.advantages, batch.returns, batch.observations.task_ids, self.floors)
        # min: the objective never rewards leaving the clip range, but always punishes a worse policy
        surrogate = -torch.min(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
        value_error = F.mse_loss(values, batch.returns)
        entropy = actions.entropy().mean()
        total = surrogate + self.config.vf_coef * value_error - self.ent_coef * entropy
        with torch.no_grad():
            terms = {
                "policy": surrogate.detach(),
                "value": value_error.detach(),
                "entropy": entropy.detach(),
                "kl": (ratio - 1 - log_ratio).mean(),  # estimator k3 of Schulman (2020): unbiased, never below 0
                "clip_fraction": ((ratio - 1).abs() > clip).float().mean(),
            }
        return Loss(total, terms)
