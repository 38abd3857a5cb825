"""Algorithms turn a rollout into a loss. They never touch an optimiser."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from agents.config.algorithms import AlgorithmConfig
from agents.policies import Act, Policy
from agents.rollout import Decisions, Rollout
from agents.state_tree import State


@dataclass(frozen=True, slots=True)
class Loss:
    """A scalar to minimise, and its terms by name for the plots."""

    total: Tensor
    terms: dict[str, Tensor]
    """Detached scalars; read out once an update, since reading waits for the device."""


class Algorithm(ABC):
    """One file per algorithm; read `batches`, then `loss`, and you know it."""

    config: AlgorithmConfig
    ent_coef: float
    """Entropy bonus in force; the learner moves it along the stage's schedule."""
    progress: float = 0.0
    """Part of the running stage that is behind it; the learner moves that, too."""
    floors: Mapping[int, float] = {}
    """By column: what its advantages are divided by at least; the learner sets it."""
    extra_metrics: Mapping[str, float] = {}
    """What else there is to plot of the last rollout."""

    def begin_stage(self, policy: Policy) -> None:  # noqa: B027  most keep nothing, and need none of these
        """Prepare for a stage."""

    def begin_update(self, policy: Policy) -> None:  # noqa: B027
        """See the policy that lived the rollout to come."""

    def behaviour(self, policy: Policy) -> Policy:
        """Return what acts while `policy` learns, such as one that tries things out: by default itself."""
        return policy

    @abstractmethod
    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Decisions]:
        """Yield one batch per gradient step, shuffled by `generator`."""

    @abstractmethod
    def loss(self, act: Act, batch: Any) -> Loss:
        """Score the behaviour of `act` on `batch`, one of those that `batches` yields."""

    def state(self) -> State:
        """Return what is kept from one update to the next."""
        return {}

    def restore(self, state: State) -> None:  # noqa: B027
        """Continue where `state` was taken."""
