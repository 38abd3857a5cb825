"""A ring buffer of the newest transitions, sampled uniformly."""

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
class Draw:
    """Steps that were drawn, where they are kept, and how much each counts in a loss."""

    rows: Rows
    steps: TransitionBatch
    weights: torch.Tensor


class ReplayBuffer:
    """A ring of `capacity` steps: the newest takes the place of the oldest."""

    def __init__(self, capacity: int, width: int, generator: np.random.Generator) -> None:
        self._observations = np.zeros((capacity, width), dtype=np.float32)
        self._next_observations = np.zeros((capacity, width), dtype=np.float32)
        self._actions = np.zeros(capacity, dtype=np.int64)
        self._rewards = np.zeros(capacity, dtype=np.float32)
        self._discounts = np.zeros(capacity, dtype=np.float32)
        self.generator = generator
        self.written = 0
        """Steps that were ever written."""

    def __len__(self) -> int:
        return min(self.written, self.capacity)

    @property
    def capacity(self) -> int:
        """How many steps there is room for."""
        return len(self._actions)

    @property
    def width(self) -> int:
        """How many numbers an observation has."""
        return self._observations.shape[1]

    def widen(self, width: int) -> None:
        """Let observations have up to `width` numbers; those of old ones that are missing are 0."""
        missing = width - self.width
        if missing > 0:
            self._observations, self._next_observations = (
                np.pad(kept, ((0, 0), (0, missing))) for kept in (self._observations, self._next_observations)
            )

    def write(
        self, observation: Numbers, action: int, reward: float, next_observation: Numbers, discount: float
    ) -> int:
        """Keep a step, and return its row."""
        row = self.written % self.capacity
        self._observations[row], self._next_observations[row] = observation, next_observation
        self._actions[row], self._rewards[row], self._discounts[row] = action, reward, discount
        self.written += 1
        return row

    def draw(self, count: int, beta: float = 1.0) -> Draw:
        """Return `count` steps, each as likely as any other; one may come twice. `beta` has nothing to correct."""
        rows = self.generator.integers(len(self), size=count)
        return Draw(rows, self.at(rows), torch.ones(count))

    def learned(self, rows: Rows, td_error: Numbers) -> None:
        """Hear how much the steps at `rows` surprised: here it changes nothing."""

    def at(self, rows: Rows) -> TransitionBatch:
        """Return the steps at `rows`."""
        return TransitionBatch(*(torch.from_numpy(getattr(self, f"_{name}")[rows]) for name in FIELDS))

    def state(self) -> State:
        """Return what is kept, and what decides the next draw."""
        kept = {name: getattr(self, f"_{name}")[: len(self)].copy() for name in FIELDS}
        return {"kept": kept, "written": self.written, "rng": self.generator.bit_generator.state}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken, in a ring of the same capacity."""
        self.written = state["written"]
        for name in FIELDS:
            getattr(self, f"_{name}")[: len(self)] = np.asarray(state["kept"][name])
        self.generator.bit_generator.state = state["rng"]
