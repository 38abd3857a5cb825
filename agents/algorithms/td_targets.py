"""Temporal-difference targets and errors of a batch of transitions."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class TDInputs(Protocol):
    """Steps, as far as a target looks at them."""

    @property
    def rewards(self) -> Tensor:
        """(B,) what was paid until the next observation, discounted."""

    @property
    def discounts(self) -> Tensor:
        """(B,) what a value of the next observation counts; 0 where the world ended."""


def td_targets(following: Tensor, judged: Tensor, steps: TDInputs) -> Tensor:
    """Return (B,) what each step was worth: `next_value` (B, A) chooses the next action, `judged` (B, A) values it.

    Equal tables give the target of Mnih et al. (2015), different ones that of van Hasselt
    et al. (2016), equation 4.
    """
    chosen = following.argmax(1, keepdim=True)
    return steps.rewards + steps.discounts * judged.gather(1, chosen).squeeze(1)


def td_errors(values: Tensor, goals: Tensor, actions: Tensor) -> Tensor:
    """Return (B,) how much less the actions are thought to be worth than they turned out to be."""
    return goals - values.gather(1, actions[:, None]).squeeze(1)


def huber(td_error: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean of errors that count squared up to 1 and straight beyond, as Mnih et al. clip them."""
    size = td_error.abs()
    return (weights * torch.where(size < 1, 0.5 * size**2, size - 0.5)).mean()
