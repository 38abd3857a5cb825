"""Advantages and returns of a rollout: GAE (Schulman et al., 2016).

Shapes: T steps, N environments, B = T * N decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import torch
from torch import Tensor

from agents.rollout import Batch, Rollout

NO_FLOORS: Mapping[int, float] = MappingProxyType({})
ROUNDING = 64
"""Machine epsilons by which equal advantages may differ: each is a sum over up to T steps, summed in any order."""


def generalised_advantages(rollout: Rollout, gamma: float, gae_lambda: float) -> Tensor:
    """Return the advantages (T, N) of Schulman et al. (2016), equation 16.

    The next value is 0 after a terminal state; after a truncation it is the value of the
    final observation. At either, the sum of TD errors ends. A decision that spans k steps
    is discounted by gamma ** k (Sutton, Precup & Singh, 1999).
    """
    ended = (rollout.terminated + rollout.truncated).clamp(max=1)
    next_values = torch.cat([rollout.values[1:], rollout.last_values[None]])  # (T, N)
    # where an episode ended, values[t + 1] belongs to the next one; final_values is 0 unless truncated
    next_values = (1 - ended) * next_values + rollout.final_values
    td_errors = rollout.scaled_rewards(gamma) + rollout.step_discount(gamma) * next_values - rollout.values
    decay = rollout.step_discount(gamma) * gae_lambda * (1 - ended)
    advantages = torch.empty_like(td_errors)
    running = torch.zeros_like(rollout.last_values)  # (N,)
    for step in reversed(range(len(td_errors))):
        running = td_errors[step] + decay[step] * running
        advantages[step] = running
    return advantages


def discounted_returns(rollout: Rollout, gamma: float) -> Tensor:
    """Return the discounted sum of rewards from each decision on, (T, N).

    At the rollout's end and at a time limit, the value estimate stands for the rewards that were not collected.
    """
    return generalised_advantages(rollout, gamma, 1.0) + rollout.values


def deviations(advantages: Tensor, returns: Tensor | None = None) -> Tensor:
    """Return `advantages` minus their mean, in the same shape; exactly 0 if all are equal up to rounding.

    Rounding is relative to the largest number they were computed from: that of `returns`, of the same shape, if
    given, and of the advantages themselves.
    """
    deviation = advantages - advantages.mean()
    largest = advantages.abs().max()
    if returns is not None:
        largest = torch.maximum(largest, returns.abs().max())
    # `<=` is false for NaN, which must pass through: the gradient check reports it
    are_equal = deviation.abs().max() <= ROUNDING * torch.finfo(advantages.dtype).eps * largest
    return torch.where(are_equal, torch.zeros_like(deviation), deviation)


def normalised(
    advantages: Tensor, returns: Tensor | None = None, floor: float = 0.0, *, centred: bool = True
) -> Tensor:
    """Return `advantages` scaled to mean 0 and standard deviation 1, in the same shape; a single one is unchanged.

    Advantages that are equal up to rounding (see `deviations`, also for `returns`) become 0. If not `centred`, the
    mean is not subtracted, and equal advantages are unchanged. The divisor is at least `floor`, so that noise is
    not amplified to a standard deviation of 1.
    """
    if advantages.numel() < 2:
        return advantages
    deviation = deviations(advantages, returns)
    largest = deviation.abs().max()
    numerator = deviation if centred else advantages
    # divide by the largest first: the squares of tiny numbers would underflow in std()
    std = (deviation / largest).std().clamp(min=floor / largest)
    return torch.where(largest == 0, numerator, numerator / largest / std)


def normalised_by_task(
    advantages: Tensor,
    returns: Tensor,
    task_ids: Tensor,
    floors: Mapping[int, float] = NO_FLOORS,
    *,
    centred: bool = True,
) -> Tensor:
    """Return `advantages` (B,), `normalised` within each task; `returns` and `task_ids` are (B,), `floors` by task id.

    With one standard deviation for all, a task with large advantages dominates the loss: with six tasks in a
    minibatch, one had more than half of the squared advantage. The same holds for an agent that follows
    instructions (frequent rewards) against the one that writes them (rare ones).
    """
    result = advantages.clone()
    for task_id in task_ids.unique():
        own = task_ids == task_id
        floor = floors.get(int(task_id), 0.0) if floors else 0.0
        result[own] = normalised(advantages[own], returns[own], floor, centred=centred)
    return result


def to_batch(rollout: Rollout, advantages: Tensor, chosen: Tensor | None = None) -> Batch:
    """Flatten a rollout and its `advantages` (T, N) to a batch of B decisions.

    The mask `chosen` (T, N) selects some of them; None selects all.
    """
    flat = (rollout.actions, rollout.log_probs, advantages, advantages + rollout.values)  # each (T, N)
    batch = Batch(rollout.observations, *(tensor.flatten() for tensor in flat))
    if chosen is not None:
        batch = batch[chosen.flatten().nonzero().squeeze(1)]
    if rollout.durations is None:
        return batch
    # writer's and actor's decisions share the rollout; bring both to one scale before the algorithm sees them
    return replace(batch, advantages=normalised_by_task(batch.advantages, batch.returns, batch.observations.task_ids))
