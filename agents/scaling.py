"""Reward scaling: worlds pay in very different coins, and one value head must count them all."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from agents.rollout import Rollout
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

    def scaled(self, rollout: Rollout, gamma: float) -> Rollout:
        """Learn from the rewards of `rollout`, and return it with smaller ones."""
        sums = torch.zeros_like(rollout.last_values) if self._sums is None else self._sums
        seen = []
        for rewards, terminated, truncated in zip(rollout.rewards, rollout.terminated, rollout.truncated, strict=True):
            sums = gamma * sums + rewards
            seen.append(sums)
            sums = sums * (1 - torch.clamp(terminated + truncated, max=1))
        self._sums = sums
        self._learn(torch.stack(seen))
        return replace(rollout, rewards=rollout.rewards / self.divisor)

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
