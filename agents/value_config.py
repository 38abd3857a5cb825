"""Every knob of the algorithms that learn what actions are worth. Imports nothing heavy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from envs.options import Frozen


class DQNConfig(Frozen):
    """Deep Q-network (Mnih et al., 2015), double (van Hasselt et al., 2016), with n-step targets if asked."""

    name: Literal["dqn"] = "dqn"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    temperature: float = Field(0.1, gt=0)
    """How much more an action must be worth to be e times as likely where actions are drawn, not tried."""
    minibatch: int = Field(128, ge=1)
    """Steps per gradient step."""
    capacity: int = Field(20_000, ge=1, le=1_000_000)
    """Steps that are kept; the newest replaces the oldest."""
    warmup: int = Field(1_000, ge=1)
    """Steps lived at random before learning begins."""
    every: int = Field(16, ge=1)
    """Steps lived between two times of learning."""
    updates: int = Field(1, ge=1)
    """Gradient steps each time."""
    refresh: int = Field(100, ge=1)
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
    """Part of a stage after which that is reached."""
    prioritised: bool = False
    """Learn more often from steps that surprised (Schaul et al., 2016)."""
    alpha: float = Field(0.6, ge=0, le=1)
    """How much more often; 0: all equally."""
    beta: float = Field(0.4, ge=0, le=1)
    """How much of that bias is taken back at first; in the end, all of it."""


class TabularConfig(Frozen):
    """How a table is filled."""

    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    alpha: float = Field(0.5, gt=0, le=1)
    """How far one step moves a number towards what it saw, at first."""
    final_alpha: float = Field(0.5, gt=0, le=1)
    """How far in the end."""
    epsilon: float = Field(1.0, ge=0, le=1)
    """How often an action is tried at random, at first."""
    final_epsilon: float = Field(0.05, ge=0, le=1)
    """How often in the end."""
    decay: float = Field(0.7, gt=0, le=1)
    """Part of the time to learn after which both have reached their end."""


class QLearningConfig(TabularConfig):
    """Q-learning (Watkins, 1989) in a table: learn what the best actions would earn, whatever is really done."""

    name: Literal["q_learning"] = "q_learning"


class SarsaConfig(TabularConfig):
    """SARSA (Rummery & Niranjan, 1994) in a table: learn what one's own actions earn, trials included."""

    name: Literal["sarsa"] = "sarsa"


class RandomConfig(Frozen):
    """Act at random and never learn: the control that every score is to be read against."""

    name: Literal["random"] = "random"
