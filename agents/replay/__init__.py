"""Replay of transitions: steps that are collected once and learned from many times."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class TransitionBatch:
    """B steps, ready for a loss; row i of each field is one step, or n of them in one."""

    observations: Tensor
    """(B, ...) what was seen."""
    actions: Tensor
    rewards: Tensor
    """(B,) what was paid until the next observation, discounted."""
    next_observations: Tensor
    discounts: Tensor
    """(B,) what a value of the next observation counts; 0 where the world ended."""

    def to(self, device: torch.device) -> TransitionBatch:
        """Return the same steps on `device`."""
        return TransitionBatch(*(getattr(self, field.name).to(device) for field in fields(self)))
