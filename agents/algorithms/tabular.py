"""Tabular value learning: one Q-value for each state and action."""

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
    """One step in a world of counted states, and what the learner goes on to do."""

    state: int
    action: int
    reward: float
    next_state: int
    next_action: int
    terminated: bool
    """Whether the world ended: nothing follows. A time limit is not an end."""


class TabularLearner(ABC):
    """Keeps Q(state, action), (S, A), and moves it a step at a time. A subclass says what a step was worth."""

    def __init__(self, shape: tuple[int, int], config: TabularConfig, generator: np.random.Generator) -> None:
        self.config = config
        self.values: Numbers = np.zeros(shape)
        self.progress = 0.0
        """Part of its time that the learner has behind it; both schedules follow it."""
        self._generator = generator

    @abstractmethod
    def next_value(self, step: TabularStep) -> float:
        """Return what is thought to be earned after `step`, if the world goes on."""

    def learn(self, step: TabularStep) -> float:
        """Move one number towards the reward and what is thought to follow; return how far off it was."""
        goal = step.reward + self.config.gamma * (0.0 if step.terminated else self.next_value(step))
        known = self.values[step.state, step.action]
        self.values[step.state, step.action] = known + self.alpha * (goal - known)
        return float(goal - known)

    def act(self, state: int) -> int:
        """Choose as `greedy` does, or now and then any action."""
        if self._generator.random() < self.epsilon:
            return int(self._generator.integers(self.values.shape[1]))
        return self.greedy(state)

    def greedy(self, state: int) -> int:
        """Return an action of greatest value; a tie is broken by lot, or an empty table would walk in circles."""
        row = self.values[state]
        best = np.flatnonzero(row == row.max())
        return int(best[0] if len(best) == 1 else self._generator.choice(best))

    @property
    def alpha(self) -> float:
        """How far one step moves a number now."""
        return self._faded(self.config.alpha, self.config.final_alpha)

    @property
    def epsilon(self) -> float:
        """How often an action is tried at random now."""
        return self._faded(self.config.exploration_initial_eps, self.config.exploration_final_eps)

    def state(self) -> State:
        """Return all that decides what is done and learned next."""
        rng = self._generator.bit_generator.state
        return {"values": self.values.copy(), "progress": self.progress, "rng": rng}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.values = np.array(state["values"], dtype=np.float64)
        self.progress = state["progress"]
        self._generator.bit_generator.state = state["rng"]

    def _faded(self, first: float, last: float) -> float:
        return first + min(self.progress / self.config.decay_fraction, 1.0) * (last - first)
