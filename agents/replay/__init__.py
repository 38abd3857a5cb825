"""Replay of transitions: collected once, learned from several times."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class TransitionBatch:
    """B transitions of one or several steps each; row i of each field is transition i."""

    observations: Tensor
    """(B, W) encoded observations."""
    actions: Tensor
    """(B,) action indices."""
    rewards: Tensor
    """(B,) discounted sum of rewards up to the next observation."""
    next_observations: Tensor
    """(B, W)."""
    discounts: Tensor
    """(B,) discount of the next observation's value; 0 where it is terminal."""

    def to(self, device: torch.device) -> TransitionBatch:
        """Return the same transitions on `device`."""
        return TransitionBatch(*(getattr(self, field.name).to(device) for field in fields(self)))
