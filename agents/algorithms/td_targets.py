"""Temporal-difference targets and errors of a batch of B transitions, with A actions."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class TDInputs(Protocol):
    """The part of a batch of transitions that TD targets need."""

    @property
    def rewards(self) -> Tensor:
        """(B,) discounted sum of rewards up to the next observation."""

    @property
    def discounts(self) -> Tensor:
        """(B,) discount of the next observation's value; 0 where it is terminal."""


def td_targets(online_next: Tensor, target_next: Tensor, transitions: TDInputs) -> Tensor:
    """Return the TD targets (B,): `online_next` (B, A) selects the next action, `target_next` (B, A) evaluates it.

    Both are Q-values of the next observations. With equal tables this is the target of Mnih et al. (2015), else
    that of double Q-learning (van Hasselt et al., 2016, equation 4).
    """
    next_actions = online_next.argmax(1, keepdim=True)  # (B, 1)
    return transitions.rewards + transitions.discounts * target_next.gather(1, next_actions).squeeze(1)


def td_errors(q_values: Tensor, targets: Tensor, actions: Tensor) -> Tensor:
    """Return target minus Q(s, a), (B,), for `q_values` (B, A), `targets` (B,) and `actions` (B,)."""
    return targets - q_values.gather(1, actions[:, None]).squeeze(1)


def huber(td_error: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean of the Huber losses with threshold 1, a scalar; `td_error` and `weights` are (B,).

    Its gradient is the error clipped to [-1, 1], as in Mnih et al. (2015).
    """
    size = td_error.abs()
    return (weights * torch.where(size < 1, 0.5 * size**2, size - 0.5)).mean()
