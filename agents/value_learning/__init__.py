"""Learning what actions are worth, from steps that are lived once and learned from many times."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from pydantic import Field
from torch import Tensor

from agents.config import DQNConfig


class AloneDQNConfig(DQNConfig):
    """A deep Q-network that reads numbers, on its own: with a step size, and defaults that suit a single world."""

    rate: float = Field(1e-3, gt=0)
    """Step size of Adam."""
    minibatch: int = Field(64, ge=1)
    """Steps per gradient step."""
    capacity: int = Field(50_000, ge=1)
    """Steps that are kept; the newest replaces the oldest."""
    every: int = Field(4, ge=1)
    """Steps lived between two times of learning."""
    updates: int = Field(2, ge=1)
    """Gradient steps each time."""
    refresh: int = Field(250, ge=1)
    """Gradient steps after which the target network is copied anew."""
    clip_gradient: float = Field(10.0, gt=0)
    """Largest norm of a gradient."""


@dataclass(frozen=True, slots=True)
class Steps:
    """B steps, ready for a loss; row i of each field is one step, or n of them in one."""

    observations: Tensor
    """(B, ...) what was seen."""
    actions: Tensor
    rewards: Tensor
    """(B,) what was paid until the next observation, discounted."""
    next_observations: Tensor
    discounts: Tensor
    """(B,) what a value of the next observation counts; 0 where the world ended."""

    def to(self, device: torch.device) -> Steps:
        """Return the same steps on `device`."""
        return Steps(*(getattr(self, field.name).to(device) for field in fields(self)))
