"""Split a rollout into episodes, and sum the rewards of each."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from agents.rollout import Rollout


@dataclass(frozen=True, slots=True)
class EpisodeSegments:
    """The S segments of a rollout, each one an episode or the part of one that lies within the rollout."""

    of: Tensor
    """(T, N) index of the segment of each decision."""
    outcomes: Tensor
    """(S,) return, discounted from the segment's first decision."""
    lengths: Tensor
    """(S,) number of decisions."""
    groups: Tensor
    """(S,) group id: equal for the same task and, where initial states are known, the same initial state."""
    whole: Tensor
    """(S,) whether it is an episode from its first to its last step."""


def episode_segments(rollout: Rollout, gamma: float) -> EpisodeSegments:
    """Cut `rollout` where episodes end, by a terminal state or a time limit."""
    ended = (rollout.terminated + rollout.truncated).clamp(max=1)
    begins = torch.cat([torch.ones_like(ended[:1]), ended[:-1]]).bool()  # (T, N) a segment's first decision
    ordinal = begins.long().cumsum(0)  # (T, N) number of the segment within its environment, from 1
    # number segments environment by environment: add the number of segments of all environments before
    of = ordinal - 1 + torch.cat([ordinal.new_zeros(1), ordinal[-1].cumsum(0)[:-1]])
    segment_ids = of[begins]  # (S,) segment ids in row-major order of their first decisions
    outcomes = rollout.rewards.new_empty(len(segment_ids))
    outcomes[segment_ids] = _discounted_sums(rollout.scaled_rewards(gamma), rollout.step_discount(gamma) * (1 - ended))[
        begins
    ]
    groups = torch.empty_like(segment_ids)
    groups[segment_ids] = _groups(rollout).view_as(of)[begins]
    whole = torch.empty_like(begins[begins])
    whole[segment_ids] = ~_partial(rollout, of, ended)[begins]
    return EpisodeSegments(of, outcomes, of.flatten().bincount(minlength=len(segment_ids)), groups, whole)


def _partial(rollout: Rollout, of: Tensor, ended: Tensor) -> Tensor:
    """Return (T, N) whether each decision's segment is only part of an episode, by `rollout.partial` if it is known."""
    continues = of == of[-1].where(ended[-1] == 0, -1)
    return continues if rollout.partial is None else continues | rollout.partial


def _groups(rollout: Rollout) -> Tensor:
    """Return the group id of each decision, (T * N,)."""
    task_ids = rollout.observations.task_ids.long()
    if rollout.starts is None:
        return task_ids
    groups: Tensor = torch.unique(torch.stack([task_ids, rollout.starts.flatten()]), dim=1, return_inverse=True)[1]
    return groups


def _discounted_sums(rewards: Tensor, discounts: Tensor) -> Tensor:
    """Return G[t] = rewards[t] + discounts[t] * G[t + 1], (T, N), for (T, N) rewards and discounts."""
    sums = torch.empty_like(rewards)
    running = torch.zeros_like(rewards[0])
    for step in reversed(range(len(rewards))):
        running = rewards[step] + discounts[step] * running
        sums[step] = running
    return sums
