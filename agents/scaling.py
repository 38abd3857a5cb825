"""Reward scaling: worlds pay in very different coins, and one value head must count them all."""

from __future__ import annotations

import torch
from torch import Tensor

from agents.state_tree import State


class ReturnScale:
    """Divides a task's rewards by the running deviation of their discounted sums (Engstrom et al., 2020).

    Rewards are only ever shrunk: one that is seldom earned is not blown up.
    """

    def __init__(self) -> None:
        self.count = 0.0
        self.mean = 0.0
        self.squares = 0.0
        self._sums: Tensor | None = None

    @property
    def divisor(self) -> float:
        """What rewards are divided by."""
        return max(1.0, (self.squares / self.count) ** 0.5) if self.count else 1.0

    def begin(self) -> None:
        """Start in new worlds: nothing was earned in them yet."""
        self._sums = None

    def scaled(self, rewards: Tensor, ends: Tensor, gamma: float) -> Tensor:
        """Learn from rewards, (T, N), and return smaller ones; `ends` is 1 where an episode ended with them."""
        sums = rewards.new_zeros(rewards.shape[1]) if self._sums is None else self._sums
        seen = []
        for paid, ended in zip(rewards, ends, strict=True):
            sums = gamma * sums + paid
            seen.append(sums)
            sums = sums * (1 - ended)
        self._sums = sums
        self._learn(torch.stack(seen))
        return rewards / self.divisor

    def state(self) -> State:
        """Return the moments, and what the running episodes have earned."""
        return {"count": self.count, "mean": self.mean, "squares": self.squares, "sums": self._sums}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.count, self.mean, self.squares = state["count"], state["mean"], state["squares"]
        self._sums = state["sums"]

    def _learn(self, sums: Tensor) -> None:
        """Merge the moments of a batch into the running ones (Chan et al., 1979)."""
        count, mean = sums.numel(), float(sums.mean())
        apart, total = mean - self.mean, self.count + count
        self.squares += float(((sums - mean) ** 2).sum()) + apart**2 * self.count * count / total
        self.mean += apart * count / total
        self.count = total
