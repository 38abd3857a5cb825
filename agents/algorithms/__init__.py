"""The interface of algorithms: a rollout becomes minibatches, a minibatch becomes a loss; no optimiser is involved."""

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
    """The scalar to minimise, and its terms by name for the plots."""

    total: Tensor
    """Scalar with gradient."""
    terms: dict[str, Tensor]
    """Detached scalars; `item()` waits for the device, so read them once per update."""


class Algorithm(ABC):
    """A learning algorithm, one file each: `batches` prepares a rollout, `loss` scores a minibatch."""

    config: AlgorithmConfig
    ent_coef: float
    """Current weight of the entropy bonus; the learner sets it by the stage's schedule."""
    progress: float = 0.0
    """Fraction of the running stage that is done, from 0 to 1; set by the learner."""
    floors: Mapping[int, float] = {}
    """By task id: lower bound of the deviation that advantages are divided by; set by the learner."""
    extra_metrics: Mapping[str, float] = {}
    """Further metrics of the last rollout, by name."""

    def begin_stage(self, policy: Policy) -> None:  # noqa: B027  optional: most algorithms have no state
        """Reset per-stage state."""

    def begin_update(self, policy: Policy) -> None:  # noqa: B027
        """Prepare for an update; `policy` still has the weights that collected the rollout."""

    def behaviour(self, policy: Policy) -> Policy:
        """Return the behaviour policy, which acts while `policy` learns; by default `policy` itself."""
        return policy

    @abstractmethod
    def batches(self, rollout: Rollout, generator: torch.Generator) -> Iterator[Decisions]:
        """Yield one batch per gradient step, shuffled by `generator`."""

    @abstractmethod
    def loss(self, act: Act, batch: Any) -> Loss:
        """Return the loss of `act`, a policy's forward pass, on one batch from `batches`."""

    def state(self) -> State:
        """Return the state that persists between updates; by default none."""
        return {}

    def restore(self, state: State) -> None:  # noqa: B027
        """Restore the state that `state()` returned."""
