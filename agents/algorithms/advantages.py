"""How much better than expected each decision turned out, and what it earned in all."""

from __future__ import annotations

import torch
from torch import Tensor

from agents.rollout import Batch, Rollout


def generalised_advantages(rollout: Rollout, gamma: float, gae_lambda: float) -> Tensor:
    """Return the advantages (T, N) of Schulman et al. (2016), equation 16.

    Where a world ended, nothing follows; where the time limit cut in, the value of the
    sentence that was cut off follows, and the sum of later surprises stops. What follows a
    decision that lasted k steps counts gamma ** k (Sutton, Precup & Singh, 1999).
    """
    ended = (rollout.terminated + rollout.truncated).clamp(max=1)
    following = torch.cat([rollout.values[1:], rollout.last_values[None]])
    following = (1 - ended) * following + rollout.final_values  # final_values is 0 unless truncated
    surprises = rollout.paid(gamma) + rollout.fade(gamma) * following - rollout.values
    fade = rollout.fade(gamma) * gae_lambda * (1 - ended)
    advantages = torch.empty_like(surprises)
    running = torch.zeros_like(rollout.last_values)
    for step in reversed(range(len(surprises))):
        running = surprises[step] + fade[step] * running
        advantages[step] = running
    return advantages


def discounted_returns(rollout: Rollout, gamma: float) -> Tensor:
    """Return what followed each decision (T, N), later reward counting `gamma` less a step.

    The value of what follows the rollout, or a time limit, stands in for what was not lived.
    """
    return generalised_advantages(rollout, gamma, 1.0) + rollout.values


def normalised(advantages: Tensor) -> Tensor:
    """Return `advantages` with mean 0 and deviation 1; a single one stays as it is."""
    if advantages.numel() < 2:
        return advantages
    return (advantages - advantages.mean()) / (advantages.std() + 1e-8)


def levelled(advantages: Tensor, columns: Tensor) -> Tensor:
    """Return `advantages` with mean 0 and deviation 1 among the decisions of each column, (L, 1) as many as these.

    Who writes instructions is paid seldom, who follows them often: measured by one spread, the one drowns in the other.
    """
    level = advantages.clone()
    for column in columns.unique():
        own = columns == column
        level[own] = normalised(advantages[own])
    return level


def to_batch(rollout: Rollout, advantages: Tensor) -> Batch:
    """Flatten the rollout to T * N decisions, step by step as its observations are."""
    returns = advantages + rollout.values
    if rollout.lasted is not None:
        advantages = levelled(advantages, rollout.observations.columns)
    flat = (rollout.actions, rollout.log_probs, advantages, returns)
    return Batch(rollout.observations, *(tensor.flatten() for tensor in flat))
