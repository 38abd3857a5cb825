"""Scale rewards by the standard deviation of a task's returns, so that one value head fits all tasks."""

from __future__ import annotations

import math
from collections.abc import Mapping

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
        self.largest = 0.0
        """The largest of these sums so far, as a magnitude and as it was paid; 0: nothing was paid yet."""
        self._sums: Tensor | None = None

    @property
    def divisor(self) -> float:
        """What rewards are divided by."""
        return max(1.0, (self.squares / self.count) ** 0.5) if self.count else 1.0

    @property
    def unit(self) -> float:
        """The largest sum, divided as rewards are, but 1 at most; infinite before anything was paid."""
        return min(self.largest / self.divisor, 1.0) if self.largest else math.inf

    def begin(self) -> None:
        """Start in new worlds: nothing was earned in them yet."""
        self._sums = None

    def observe(self, rewards: Tensor, ends: Tensor, gamma: float) -> None:
        """Take rewards, (T, N), into account; `ends`, (T, N), is 1 where an episode ended with them."""
        sums = rewards.new_zeros(rewards.shape[1]) if self._sums is None else self._sums
        seen = []
        for paid, ended in zip(rewards, ends, strict=True):
            sums = gamma * sums + paid
            seen.append(sums)
            sums = sums * (1 - ended)
        self._sums = sums
        self._learn(torch.stack(seen))

    def state(self) -> State:
        """Return the moments, and what the running episodes have earned."""
        moments = {"count": self.count, "mean": self.mean, "squares": self.squares}
        return {**moments, "largest": self.largest, "sums": self._sums}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.count, self.mean, self.squares = state["count"], state["mean"], state["squares"]
        self.largest, self._sums = state["largest"], state["sums"]

    def _learn(self, sums: Tensor) -> None:
        """Merge the moments of a batch into the running ones (Chan et al., 1979)."""
        self.largest = max(self.largest, float(sums.abs().max()))
        count, mean = sums.numel(), float(sums.mean())
        apart, total = mean - self.mean, self.count + count
        self.squares += float(((sums - mean) ** 2).sum()) + apart**2 * self.count * count / total
        self.mean += apart * count / total
        self.count = total


def divisors(scales: Mapping[int, float], task_ids: Tensor) -> Tensor:
    """Return what rewards earned in `task_ids` are divided by, of their shape, by `scales`; 1 where none is known."""
    distinct, places = torch.unique(task_ids, return_inverse=True)
    known = [scales.get(task_id, 1.0) for task_id in distinct.tolist()]
    return torch.tensor(known, device=task_ids.device)[places]


def scales_state(scales: Mapping[int, float]) -> list[list[float]]:
    """Return the scales as a part of a state."""
    return [[task_id, divisor] for task_id, divisor in scales.items()]


def scales_of(state: State) -> dict[int, float]:
    """Return the scales that stand in `state`, as `scales_state` has put them there."""
    return {int(task_id): divisor for task_id, divisor in state["scales"]}
