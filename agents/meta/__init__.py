"""The interface of meta-learners, which train a policy to adapt quickly to new members of a task family."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from torch import Tensor

from agents.algorithms import Algorithm
from agents.collect.collector import CollectedDecision, Episode
from agents.policies import Policy
from agents.rollout import Rollout

Weights = dict[str, Tensor]
"""A policy's trainable weights by name, or gradients of them, each in the weight's shape."""


@dataclass(frozen=True, slots=True)
class MemberStep:
    """The result of one step in every environment of a family member whose episode has not ended."""

    decisions: int
    """Number of environments that were stepped."""
    episodes: tuple[Episode, ...]
    """Episodes that ended with the step."""
    collected: tuple[CollectedDecision, ...]
    """The decisions that `choose` selected."""


EpisodeGenerator = Generator[MemberStep, None, Rollout]
Collect = Callable[[Policy], EpisodeGenerator]
"""Collects some episodes of one family member with a policy, yielding after each step; returns them as a rollout."""


class MetaLearner(ABC):
    """An inner loop that adapts to a family member, and an outer loop that improves the start of the adaptation.

    Both are generators that yield every environment step, so that the caller can pause
    in between.
    """

    algorithm: Algorithm
    """The algorithm whose loss is used in both loops."""
    clip_gradient: float = math.inf
    """Maximum norm of a gradient in both loops."""

    @abstractmethod
    def adapt(self, policy: Policy, weights: Weights, collect: Collect) -> Generator[MemberStep, None, Weights]:
        """Return weights adapted by some rollouts of one member; `policy` and `weights` are not changed."""

    @abstractmethod
    def improve(self, policy: Policy, members: Sequence[Collect]) -> Generator[MemberStep, None, dict[str, float]]:
        """Update the policy by an outer step over these members; return metrics by name."""
