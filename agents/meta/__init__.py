"""Meta-learners improve not the skill but the speed of acquiring it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from torch import Tensor

from agents.policies import Act, Policy
from agents.rollout import Rollout

Weights = dict[str, Tensor]
Collect = Callable[[Act], Rollout]
"""Live through a rollout of one member of the family, acting with the given weights."""


class MetaLearner(ABC):
    """An inner loop that adapts, inside an outer loop that learns to adapt."""

    @abstractmethod
    def adapt(self, policy: Policy, weights: Weights, collect: Collect) -> Weights:
        """Return new weights after some rollouts of one task. Pure: `policy` is unchanged."""

    @abstractmethod
    def improve(self, policy: Policy, tasks: Iterable[Collect]) -> dict[str, float]:
        """Take one outer step over these tasks; return what to plot."""
