"""Full weights by task, for strategies under which tasks have weights of their own."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

import torch
from torch import Tensor

from agents.continual.quadratic_penalty import CRITIC, NamedTensors
from agents.policies import Policy

TaskWeights = Mapping[int, Mapping[str, Tensor]]
"""The full weights of a policy by task id. Tasks with equal weights share the tensors."""
Key = TypeVar("Key", bound=Hashable)
"""Identifies a set of weights: a mask id, the task id of an adapter, or the name of a column."""


class TaskWeightsCache(Generic[Key]):
    """Caches the full weights of each set in host memory; the tensors are never written to again."""

    def __init__(self) -> None:
        self._sets: dict[Key, NamedTensors] = {}

    @torch.no_grad()
    def by_task(
        self, policy: Policy, keys: Mapping[int, Key], active: Key, compute: Callable[[Key], NamedTensors]
    ) -> TaskWeights:
        """Return the full weights of each task whose set is not `active`, that is, not loaded in the policy.

        `keys` maps task ids to sets. `compute` is called for a set that is not cached, or whose shapes are outdated.
        """
        return {task_id: self._cached(policy, key, compute) for task_id, key in keys.items() if key != active}

    def clear(self) -> None:
        """Drop all sets after a change."""
        self._sets.clear()

    def discard(self, key: Key) -> None:
        """Drop one set after a change."""
        self._sets.pop(key, None)

    def _cached(self, policy: Policy, key: Key, compute: Callable[[Key], NamedTensors]) -> NamedTensors:
        found = self._sets.get(key, {})
        if any(name not in found or found[name].shape != weight.shape for name, weight in policy.named_parameters()):
            found = {name: weight.detach().cpu() for name, weight in compute(key).items()}
            self._sets[key] = found
        return found


def copy_weights(policy: Policy) -> NamedTensors:
    """Return a copy of every weight, by name, in the weight's shape."""
    return {name: weight.detach().clone() for name, weight in policy.named_parameters()}


def is_task_specific(name: str, weight: Tensor) -> bool:
    """Return whether `weight`, of any shape, is a bias, a norm or in the value head: each task has its own copy."""
    return weight.dim() == 1 or name.startswith(CRITIC)


def copy_task_specific(policy: Policy) -> NamedTensors:
    """Return a copy of every task-specific weight, by name, in the weight's shape."""
    return {
        name: weight.detach().clone() for name, weight in policy.named_parameters() if is_task_specific(name, weight)
    }


@torch.no_grad()
def load_weights(policy: Policy, weights: NamedTensors) -> None:
    """Copy these weights (R', ...) into the policy's (R, ...) in place; rows that were added since stay unchanged."""
    current = dict(policy.named_parameters())
    for name, weight in weights.items():
        current[name][: len(weight)].copy_(weight)
