"""L2 regularisation: a penalty on each weight's squared distance from its value at the end of the last stage.

The control of elastic weight consolidation (Kirkpatrick et al., 2017, figure 2): the same quadratic penalty with
importance 1 for every weight.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from agents.config.strategies import L2Config
from agents.continual import ContinualStrategy
from agents.continual.quadratic_penalty import QuadraticPenalty, penalised_weights
from agents.memory import Memory
from agents.policies import Policy
from agents.rollout import Rollout
from agents.state_tree import State


class L2(ContinualStrategy):
    """Penalise the distance of every weight from its value at the end of the last stage."""

    config: L2Config

    def __init__(self, config: L2Config, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self.quadratic_penalty = QuadraticPenalty()
        self._anchored: set[int] = set()

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Anchor the current weights, if there are earlier tasks and the strategy was switched on during the run."""
        if not self.memory.consolidated(without=task_id).keys() <= self._anchored:
            self._anchor(policy)
            self._anchored |= self.memory.consolidated(without=task_id).keys()

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return ½ λ Σ (θ − θ*)², a scalar; rows that were added since have no anchor yet."""
        return 0.5 * self.config.strength * self.quadratic_penalty.value(policy)

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Anchor the weights at their current values."""
        self._anchor(policy)
        self._anchored.add(task_id)
        return ()

    def state(self) -> State:
        """Return the penalty and the anchored tasks."""
        return {**self.quadratic_penalty.state(), "anchored": sorted(self._anchored)}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self.quadratic_penalty, self._anchored = QuadraticPenalty.restored(state), set(state["anchored"])

    def _anchor(self, policy: Policy) -> None:
        weights = {name: weight.detach().clone() for name, weight in penalised_weights(policy)}
        self.quadratic_penalty = QuadraticPenalty(
            {name: torch.ones_like(weight) for name, weight in weights.items()}, weights
        )
