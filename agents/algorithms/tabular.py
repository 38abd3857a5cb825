"""Tabular value learning: one Q-value for each of S states and A actions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.config.algorithms import TabularConfig
from agents.state_tree import State

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TabularStep:
    """One transition between numbered states, with the next action."""

    state: int
    action: int
    reward: float
    next_state: int
    next_action: int
    terminated: bool
    """Whether the next state is terminal. A time limit is not."""


class TabularLearner(ABC):
    """A table Q(state, action), (S, A), updated one transition at a time. Subclasses define the next state's value."""

    def __init__(self, shape: tuple[int, int], config: TabularConfig, generator: np.random.Generator) -> None:
        self.config = config
        self.values: Numbers = np.zeros(shape)
        self.progress = 0.0
        """Fraction of the stage that is done; the schedules of alpha and epsilon follow it."""
        self._generator = generator

    @abstractmethod
    def next_value(self, step: TabularStep) -> float:
        """Return the value of the next state, if it is not terminal."""

    def learn(self, step: TabularStep) -> float:
        """Update one Q-value by its TD error, and return the error (Sutton & Barto, 2018, equations 6.7 and 6.8)."""
        target = step.reward + self.config.gamma * (0.0 if step.terminated else self.next_value(step))
        value = self.values[step.state, step.action]
        self.values[step.state, step.action] = value + self.alpha * (target - value)
        return float(target - value)

    def act(self, state: int) -> int:
        """Return a random action with probability epsilon, else the greedy one."""
        if self._generator.random() < self.epsilon:
            return int(self._generator.integers(self.values.shape[1]))
        return self.greedy(state)

    def greedy(self, state: int) -> int:
        """Return an action of greatest value; random among ties, or an empty table would repeat one action."""
        row = self.values[state]  # (A,)
        best = np.flatnonzero(row == row.max())
        return int(best[0] if len(best) == 1 else self._generator.choice(best))

    @property
    def alpha(self) -> float:
        """Current learning rate."""
        return self._decayed(self.config.alpha, self.config.final_alpha)

    @property
    def epsilon(self) -> float:
        """Current probability of a random action."""
        return self._decayed(self.config.exploration_initial_eps, self.config.exploration_final_eps)

    def state(self) -> State:
        """Return the table, the progress and the random generator."""
        rng = self._generator.bit_generator.state
        return {"values": self.values.copy(), "progress": self.progress, "rng": rng}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self.values = np.array(state["values"], dtype=np.float64)
        self.progress = state["progress"]
        self._generator.bit_generator.state = state["rng"]

    def _decayed(self, first: float, last: float) -> float:
        """Interpolate linearly from `first` to `last`, which is reached at `decay_fraction`."""
        return first + min(self.progress / self.config.decay_fraction, 1.0) * (last - first)
