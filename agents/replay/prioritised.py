"""Prioritised replay (Schaul et al., 2016): sample by TD error, corrected by importance weights."""

from __future__ import annotations

import numpy as np
import torch

from agents.replay.sum_tree import SumTree
from agents.replay.uniform import Draw, Numbers, ReplayBuffer, Rows
from agents.state_tree import State

LEAST = 1e-6
"""Added to every surprise, so that nothing is never drawn again (epsilon in section 3.3)."""


class PrioritisedBuffer(ReplayBuffer):
    """Draws step i with probability p_i^alpha / sum of all; a new step has the largest p so far."""

    def __init__(self, capacity: int, width: int, generator: np.random.Generator, alpha: float = 0.6) -> None:
        super().__init__(capacity, width, generator)
        self._alpha = alpha
        self._tree = SumTree(capacity)
        self._largest = 1.0

    def write(
        self, observation: Numbers, action: int, reward: float, next_observation: Numbers, discount: float
    ) -> int:
        """Keep a step, and return its row; it is as urgent as the most surprising one."""
        row = super().write(observation, action, reward, next_observation, discount)
        self._tree.weigh(np.array([row]), np.array([self._largest**self._alpha]))
        return row

    def draw(self, count: int, beta: float = 1.0) -> Draw:
        """Return one step of each of `count` equal stretches of the total, weighed against the bias by `beta`.

        Weights are (N P(i))^-beta, divided by the largest in the draw (algorithm 1, line 10).
        """
        marks = (np.arange(count) + self.generator.random(count)) / count * self._tree.total
        rows = self._tree.find(marks)
        probabilities = self._tree.leaves[rows] / self._tree.total
        weights = (len(self) * probabilities) ** -beta
        return Draw(rows, self.at(rows), torch.from_numpy(weights / weights.max()).float())

    def learned(self, rows: Rows, td_error: Numbers) -> None:
        """Hear how much the steps at `rows` surprised; it decides how often they come again."""
        urgency = np.abs(td_error.astype(np.float64)) + LEAST
        self._largest = max(self._largest, float(urgency.max()))
        self._tree.weigh(rows, urgency**self._alpha)

    def state(self) -> State:
        """Return what is kept, how urgent each step is, and what decides the next draw."""
        leaves = self._tree.leaves[: len(self)].copy()
        return {**super().state(), "leaves": leaves, "largest": self._largest}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken, in a ring of the same capacity."""
        super().restore(state)
        self._tree.weigh(np.arange(len(self)), np.asarray(state["leaves"], dtype=np.float64))
        self._largest = state["largest"]
