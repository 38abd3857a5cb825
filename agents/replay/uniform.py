"""A ring buffer of the newest transitions, sampled uniformly. Shapes: B transitions, W numbers per observation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from agents.replay import TransitionBatch
from agents.state_tree import State

Rows = NDArray[np.int64]
Numbers = NDArray[np.float32]
FIELDS = ("observations", "actions", "rewards", "next_observations", "discounts")


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of B transitions."""

    rows: Rows
    """(B,) their rows in the buffer."""
    transitions: TransitionBatch
    weights: torch.Tensor
    """(B,) importance weights for the loss."""


class ReplayBuffer:
    """A ring of `capacity` transitions: the newest replaces the oldest."""

    def __init__(self, capacity: int, width: int, generator: np.random.Generator) -> None:
        self._observations = np.zeros((capacity, width), dtype=np.float32)
        self._next_observations = np.zeros((capacity, width), dtype=np.float32)
        self._actions = np.zeros(capacity, dtype=np.int64)
        self._rewards = np.zeros(capacity, dtype=np.float32)
        self._discounts = np.zeros(capacity, dtype=np.float32)
        self.generator = generator
        self.written = 0
        """Transitions written so far, including those that were replaced."""

    def __len__(self) -> int:
        return min(self.written, self.capacity)

    @property
    def capacity(self) -> int:
        """Maximum number of transitions."""
        return len(self._actions)

    @property
    def width(self) -> int:
        """Numbers per observation, W."""
        return self._observations.shape[1]

    def widen(self, width: int) -> None:
        """Allow observations of `width` numbers; older ones are padded with 0."""
        missing = width - self.width
        if missing > 0:
            self._observations, self._next_observations = (
                np.pad(array, ((0, 0), (0, missing))) for array in (self._observations, self._next_observations)
            )

    def write(
        self, observation: Numbers, action: int, reward: float, next_observation: Numbers, discount: float
    ) -> int:
        """Store a transition, with observations (W,), and return its row."""
        row = self.written % self.capacity
        self._observations[row], self._next_observations[row] = observation, next_observation
        self._actions[row], self._rewards[row], self._discounts[row] = action, reward, discount
        self.written += 1
        return row

    def sample(self, count: int, beta: float = 1.0) -> Sample:
        """Sample `count` transitions uniformly with replacement; there is no bias for `beta` to correct."""
        rows = self.generator.integers(len(self), size=count)
        return Sample(rows, self.batch(rows), torch.ones(count))

    def update_priorities(self, rows: Rows, td_error: Numbers) -> None:
        """Ignore the TD errors (B,) of the transitions at `rows` (B,): sampling is uniform."""

    def batch(self, rows: Rows) -> TransitionBatch:
        """Return the transitions at `rows`, (B,)."""
        return TransitionBatch(*(torch.from_numpy(getattr(self, f"_{name}")[rows]) for name in FIELDS))

    def state(self) -> State:
        """Return the transitions and the random generator."""
        arrays = {name: getattr(self, f"_{name}")[: len(self)].copy() for name in FIELDS}
        return {"transitions": arrays, "written": self.written, "rng": self.generator.bit_generator.state}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned, in a buffer of the same capacity."""
        self.written = state["written"]
        for name in FIELDS:
            getattr(self, f"_{name}")[: len(self)] = np.asarray(state["transitions"][name])
        self.generator.bit_generator.state = state["rng"]
