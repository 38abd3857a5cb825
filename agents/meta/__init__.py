"""Meta-learners: they improve how fast new tasks are learned."""

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
"""A policy's trainable weights, by name."""


@dataclass(frozen=True, slots=True)
class MemberStep:
    """What one step in every world of a member that is still being played brought."""

    decisions: int
    episodes: tuple[Episode, ...]
    collected: tuple[CollectedDecision, ...]
    """The decisions that were asked for."""


EpisodeGenerator = Generator[MemberStep, None, Rollout]
Collect = Callable[[Policy], EpisodeGenerator]
"""Live some episodes of one member of the family with a policy, yielding at each step; return them."""


class MetaLearner(ABC):
    """An inner loop that adapts, inside an outer loop that learns to adapt.

    Both are generators that pass on the steps that are lived, so that whoever iterates
    may pause in between.
    """

    algorithm: Algorithm
    """What turns experience into a loss, inside and outside."""
    clip_gradient: float = math.inf
    """Largest norm of a gradient, inside and outside."""

    @abstractmethod
    def adapt(self, policy: Policy, weights: Weights, collect: Collect) -> Generator[MemberStep, None, Weights]:
        """Return new weights after some rollouts of one member. Pure: `policy` and `weights` are unchanged."""

    @abstractmethod
    def improve(self, policy: Policy, members: Sequence[Collect]) -> Generator[MemberStep, None, dict[str, float]]:
        """Move the policy by one outer step over these members; return what to plot."""
