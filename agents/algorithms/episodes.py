"""Split a rollout into episodes, and sum the rewards of each."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from agents.rollout import Rollout


@dataclass(frozen=True, slots=True)
class EpisodeSegments:
    """The S episodes of a rollout, or what it saw of those that began before it or went on after it."""

    of: Tensor
    """(T, N) which stretch each decision belongs to."""
    outcomes: Tensor
    """(S,) what each paid, discounted from its first decision in the rollout."""
    lengths: Tensor
    """(S,) how many decisions each has."""
    groups: Tensor
    """(S,) which group each belongs to: its task, and where episodes began alike, its start."""
    whole: Tensor
    """(S,) whether it is an episode from its beginning to its end."""


def episode_segments(rollout: Rollout, gamma: float) -> EpisodeSegments:
    """Cut `rollout` where episodes end, whether a world or a time limit ended them."""
    ended = (rollout.terminated + rollout.truncated).clamp(max=1)
    begins = torch.cat([torch.ones_like(ended[:1]), ended[:-1]]).bool()
    each = begins.long().cumsum(0)  # (T, N) the world's how-manieth stretch
    of = each - 1 + torch.cat([each.new_zeros(1), each[-1].cumsum(0)[:-1]])
    places = of[begins]
    outcomes = rollout.rewards.new_empty(len(places))
    outcomes[places] = _earned(rollout.scaled_rewards(gamma), rollout.step_discount(gamma) * (1 - ended))[begins]
    groups = torch.empty_like(places)
    groups[places] = _groups(rollout).view_as(of)[begins]
    whole = torch.empty_like(begins[begins])
    whole[places] = ~_partial(rollout, of, ended)[begins]
    return EpisodeSegments(of, outcomes, of.flatten().bincount(minlength=len(places)), groups, whole)


def _partial(rollout: Rollout, of: Tensor, ended: Tensor) -> Tensor:
    """Return (T, N) whether each decision's stretch is a part of an episode only; if not told, it begins one."""
    goes_on = of == of[-1].where(ended[-1] == 0, -1)
    return goes_on if rollout.partial is None else goes_on | rollout.partial


def _groups(rollout: Rollout) -> Tensor:
    """Return (T * N) which group each decision belongs to."""
    task_ids = rollout.observations.task_ids.long()
    if rollout.starts is None:
        return task_ids
    groups: Tensor = torch.unique(torch.stack([task_ids, rollout.starts.flatten()]), dim=1, return_inverse=True)[1]
    return groups


def _earned(rewards: Tensor, fade: Tensor) -> Tensor:
    """Return what each decision and those after it paid, each weighed by the `step_discount` of all steps before it."""
    earned = torch.empty_like(rewards)
    running = torch.zeros_like(rewards[0])
    for step in reversed(range(len(rewards))):
        running = rewards[step] + fade[step] * running
        earned[step] = running
    return earned
