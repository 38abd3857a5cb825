"""Scale rewards by the standard deviation of a task's returns, so that one value head fits all tasks."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from agents.state_tree import State


class ReturnScale:
    """Scales a task's rewards by the running standard deviation of their discounted sums (Engstrom et al., 2020).

    The divisor is at least 1, so that rare rewards are not amplified. Shapes: T steps, N environments.
    """

    def __init__(self) -> None:
        self.count = 0.0
        self.mean = 0.0
        self.squares = 0.0
        self.largest = 0.0
        """Largest absolute discounted sum so far, unscaled; 0 before the first reward."""
        self._sums: Tensor | None = None

    @property
    def divisor(self) -> float:
        """Divisor of the rewards, at least 1."""
        return max(1.0, (self.squares / self.count) ** 0.5) if self.count else 1.0

    @property
    def unit(self) -> float:
        """Largest scaled sum so far, at most 1; infinite before the first reward."""
        return min(self.largest / self.divisor, 1.0) if self.largest else math.inf

    def reset(self) -> None:
        """Reset the running sums, for new environments; the statistics stay."""
        self._sums = None

    def observe(self, rewards: Tensor, ends: Tensor, gamma: float) -> None:
        """Update the statistics by `rewards` (T, N); `ends` (T, N) is 1 where an episode ended with the step."""
        sums = rewards.new_zeros(rewards.shape[1]) if self._sums is None else self._sums
        history = []
        for step_rewards, ended in zip(rewards, ends, strict=True):
            sums = gamma * sums + step_rewards
            history.append(sums)
            sums = sums * (1 - ended)
        self._sums = sums
        self._merge(torch.stack(history))

    def state(self) -> State:
        """Return the statistics and the sums of the running episodes."""
        moments = {"count": self.count, "mean": self.mean, "squares": self.squares}
        return {**moments, "largest": self.largest, "sums": self._sums}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self.count, self.mean, self.squares = state["count"], state["mean"], state["squares"]
        self.largest, self._sums = state["largest"], state["sums"]

    def _merge(self, sums: Tensor) -> None:
        """Merge the moments of a batch into the running ones (Chan et al., 1979)."""
        self.largest = max(self.largest, float(sums.abs().max()))
        count, mean = sums.numel(), float(sums.mean())
        delta, total = mean - self.mean, self.count + count
        self.squares += float(((sums - mean) ** 2).sum()) + delta**2 * self.count * count / total
        self.mean += delta * count / total
        self.count = total


def divisors(scales: Mapping[int, float], task_ids: Tensor) -> Tensor:
    """Return the divisors of rewards of these `task_ids`, in the same shape, from `scales` by task id; 1 if unknown."""
    distinct, indices = torch.unique(task_ids, return_inverse=True)
    known = [scales.get(task_id, 1.0) for task_id in distinct.tolist()]
    return torch.tensor(known, device=task_ids.device)[indices]


def scales_state(scales: Mapping[int, float]) -> list[list[float]]:
    """Return the scales as a list of pairs, since JSON has no integer keys."""
    return [[task_id, divisor] for task_id, divisor in scales.items()]


def scales_of(state: State) -> dict[int, float]:
    """Return the scales of a `state` that `scales_state` was part of."""
    return {int(task_id): divisor for task_id, divisor in state["scales"]}
