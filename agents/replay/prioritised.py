"""Prioritised replay (Schaul et al., 2016): sample by TD error, corrected by importance weights."""

from __future__ import annotations

import numpy as np
import torch

from agents.replay.sum_tree import SumTree
from agents.replay.uniform import Numbers, ReplayBuffer, Rows, Sample
from agents.state_tree import State

EPSILON = 1e-6
"""Added to every absolute TD error, so that no transition gets probability 0 (epsilon in section 3.3)."""


class PrioritisedBuffer(ReplayBuffer):
    """Samples transition i with probability p_i^alpha / Σ p_k^alpha; a new one gets the largest p so far."""

    def __init__(self, capacity: int, width: int, generator: np.random.Generator, alpha: float = 0.6) -> None:
        super().__init__(capacity, width, generator)
        self._alpha = alpha
        self._tree = SumTree(capacity)
        self._max_priority = 1.0

    def write(
        self, observation: Numbers, action: int, reward: float, next_observation: Numbers, discount: float
    ) -> int:
        """Store a transition, with observations (W,) and the largest priority so far, and return its row."""
        row = super().write(observation, action, reward, next_observation, discount)
        self._tree.update(np.array([row]), np.array([self._max_priority**self._alpha]))
        return row

    def sample(self, count: int, beta: float = 1.0) -> Sample:
        """Sample one transition from each of `count` equal intervals of the total priority.

        The importance weights are (N P(i))^-beta, divided by the largest of the sample (algorithm 1, line 10).
        """
        positions = (np.arange(count) + self.generator.random(count)) / count * self._tree.total
        rows = self._tree.find(positions)
        probabilities = self._tree.leaves[rows] / self._tree.total
        weights = (len(self) * probabilities) ** -beta
        return Sample(rows, self.batch(rows), torch.from_numpy(weights / weights.max()).float())

    def update_priorities(self, rows: Rows, td_error: Numbers) -> None:
        """Set the priorities of the transitions at `rows` (B,) from their TD errors (B,)."""
        priorities = np.abs(td_error.astype(np.float64)) + EPSILON
        self._max_priority = max(self._max_priority, float(priorities.max()))
        self._tree.update(rows, priorities**self._alpha)

    def state(self) -> State:
        """Return the transitions, their priorities and the random generator."""
        leaves = self._tree.leaves[: len(self)].copy()
        return {**super().state(), "leaves": leaves, "largest": self._max_priority}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned, in a buffer of the same capacity."""
        super().restore(state)
        self._tree.update(np.arange(len(self)), np.asarray(state["leaves"], dtype=np.float64))
        self._max_priority = state["largest"]
