"""Advantages and returns of a rollout: GAE (Schulman et al., 2016)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import torch
from torch import Tensor

from agents.rollout import Batch, Rollout

NO_FLOORS: Mapping[int, float] = MappingProxyType({})
ROUNDING = 64
"""Units of rounding by which equal advantages may differ: each is a sum over as many steps as a rollout has."""


def generalised_advantages(rollout: Rollout, gamma: float, gae_lambda: float) -> Tensor:
    """Return the advantages (T, N) of Schulman et al. (2016), equation 16.

    Where a world ended, nothing follows; where the time limit cut in, the value of the
    sentence that was cut off follows, and the sum of later surprises stops. What follows a
    decision that lasted k steps counts gamma ** k (Sutton, Precup & Singh, 1999).
    """
    ended = (rollout.terminated + rollout.truncated).clamp(max=1)
    next_values = torch.cat([rollout.values[1:], rollout.last_values[None]])
    next_values = (1 - ended) * next_values + rollout.final_values  # final_values is 0 unless truncated
    td_errors = rollout.scaled_rewards(gamma) + rollout.step_discount(gamma) * next_values - rollout.values
    decay = rollout.step_discount(gamma) * gae_lambda * (1 - ended)
    advantages = torch.empty_like(td_errors)
    running = torch.zeros_like(rollout.last_values)
    for step in reversed(range(len(td_errors))):
        running = td_errors[step] + decay[step] * running
        advantages[step] = running
    return advantages


def discounted_returns(rollout: Rollout, gamma: float) -> Tensor:
    """Return what followed each decision (T, N), later reward counting `gamma` less a step.

    The value of what follows the rollout, or a time limit, stands in for what was not lived.
    """
    return generalised_advantages(rollout, gamma, 1.0) + rollout.values


def deviations(advantages: Tensor, returns: Tensor | None = None) -> Tensor:
    """Return how far each of `advantages`, of any shape, is from their mean: exactly 0 where all are equal.

    Equal are those that differ by no more than the rounding of what they were computed from: the `returns`, of the
    same shape; None: only the advantages themselves.
    """
    apart = advantages - advantages.mean()
    largest = advantages.abs().max()
    if returns is not None:
        largest = torch.maximum(largest, returns.abs().max())
    # a NaN is never below: it has to be found where the gradient is checked
    are_equal = apart.abs().max() <= ROUNDING * torch.finfo(advantages.dtype).eps * largest
    return torch.where(are_equal, torch.zeros_like(apart), apart)


def normalised(
    advantages: Tensor, returns: Tensor | None = None, floor: float = 0.0, *, centred: bool = True
) -> Tensor:
    """Return `advantages`, of any shape, with mean 0 and deviation 1; a single one stays as it is.

    Those that are equal, as `deviations` tells by the `returns`, become 0. Unless `centred`, no mean is taken off:
    they are divided by their deviation, and stay as they are where they are equal. Those that deviate by less than
    the `floor` are divided by that, and stay small: noise is not blown up to a deviation of 1.
    """
    if advantages.numel() < 2:
        return advantages
    apart = deviations(advantages, returns)
    widest = apart.abs().max()
    plain = apart if centred else advantages
    # divided by the largest first: the squares of tiny numbers would underflow
    spread = (apart / widest).std().clamp(min=floor / widest)
    return torch.where(widest == 0, plain, plain / widest / spread)


def normalised_by_task(
    advantages: Tensor,
    returns: Tensor,
    task_ids: Tensor,
    floors: Mapping[int, float] = NO_FLOORS,
    *,
    centred: bool = True,
) -> Tensor:
    """Return `advantages` (B,), each `normalised` among the decisions of its column; `returns` and `task_ids` are (B,).

    Those of a column are divided by its floor, if it has one and it is more than their deviation.

    Measured by one spread, a task in which much hangs on a decision drowns the others: with six tasks in a minibatch,
    one had more than half of the squared advantage. So does who follows instructions, paid often, who writes them.
    """
    level = advantages.clone()
    for task_id in task_ids.unique():
        own = task_ids == task_id
        floor = floors.get(int(task_id), 0.0) if floors else 0.0
        level[own] = normalised(advantages[own], returns[own], floor, centred=centred)
    return level


def to_batch(rollout: Rollout, advantages: Tensor, chosen: Tensor | None = None) -> Batch:
    """Flatten the rollout to T * N decisions, step by step as its observations are, or to those `chosen`, (T, N)."""
    flat = (rollout.actions, rollout.log_probs, advantages, advantages + rollout.values)
    batch = Batch(rollout.observations, *(tensor.flatten() for tensor in flat))
    if chosen is not None:
        batch = batch[chosen.flatten().nonzero().squeeze(1)]
    if rollout.durations is None:
        return batch
    return replace(batch, advantages=normalised_by_task(batch.advantages, batch.returns, batch.observations.task_ids))
