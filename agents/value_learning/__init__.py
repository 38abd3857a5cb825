"""Learning what actions are worth, from steps that are lived once and learned from many times."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field
from torch import Tensor

from envs.options import Frozen


class DQNConfig(Frozen):
    """Deep Q-network (Mnih et al., 2015), double (van Hasselt et al., 2016), with n-step targets if asked."""

    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    rate: float = Field(1e-3, gt=0)
    """Step size of Adam."""
    minibatch: int = Field(64, ge=1)
    """Steps per gradient step."""
    capacity: int = Field(50_000, ge=1)
    """Steps that are kept; the newest replaces the oldest."""
    warmup: int = Field(1_000, ge=1)
    """Steps lived at random before learning begins."""
    every: int = Field(4, ge=1)
    """Steps lived between two times of learning."""
    updates: int = Field(2, ge=1)
    """Gradient steps each time."""
    refresh: int = Field(250, ge=1)
    """Gradient steps after which the target network is copied anew."""
    double: bool = True
    """Let the network choose the next action, and the target network value it."""
    steps: int = Field(1, ge=1, le=100)
    """Rewards that a target counts before it trusts a value."""
    epsilon: float = Field(1.0, ge=0, le=1)
    """How often an action is tried at random, at first."""
    final_epsilon: float = Field(0.05, ge=0, le=1)
    """How often in the end."""
    decay: float = Field(0.2, gt=0, le=1)
    """Part of the learner's time after which that is reached."""
    prioritised: bool = False
    """Learn more often from steps that surprised (Schaul et al., 2016)."""
    alpha: float = Field(0.6, ge=0, le=1)
    """How much more often; 0: all equally."""
    beta: float = Field(0.4, ge=0, le=1)
    """How much of that bias is taken back at first; in the end, all of it."""
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
