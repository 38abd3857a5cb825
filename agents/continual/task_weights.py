"""Weights by task, for strategies under which tasks have weights of their own."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

import torch
from torch import Tensor

from agents.continual.quadratic_penalty import CRITIC, Named
from agents.policies import Policy

TaskWeights = Mapping[int, Mapping[str, Tensor]]
"""The full weights of a policy by task id. Tasks with equal weights share the tensors."""
Key = TypeVar("Key", bound=Hashable)
"""Names one set of weights: the id of a mask or of an adapter's task, or which of two columns."""


class TaskWeightsCache(Generic[Key]):
    """Makes the full weights of tasks: each set once, on the host, and never written to again."""

    def __init__(self) -> None:
        self._sets: dict[Key, Named] = {}

    @torch.no_grad()
    def by_task(
        self, policy: Policy, keys: Mapping[int, Key], active: Key, make: Callable[[Key], Named]
    ) -> TaskWeights:
        """Return the full weights of each task whose set is not the `active` one, which the policy holds itself.

        `keys` tells the set of each task id. A set that is missing here, or that lacks words learned since, is made.
        """
        return {task_id: self._made(policy, key, make) for task_id, key in keys.items() if key != active}

    def clear(self) -> None:
        """Drop all sets: they have changed."""
        self._sets.clear()

    def discard(self, key: Key) -> None:
        """Drop one set: it has changed."""
        self._sets.pop(key, None)

    def _made(self, policy: Policy, key: Key, make: Callable[[Key], Named]) -> Named:
        found = self._sets.get(key, {})
        if any(name not in found or found[name].shape != weight.shape for name, weight in policy.named_parameters()):
            found = {name: weight.detach().cpu() for name, weight in make(key).items()}
            self._sets[key] = found
        return found


def copied(policy: Policy) -> Named:
    """Return a copy of all weights."""
    return {name: weight.detach().clone() for name, weight in policy.named_parameters()}


def is_own(name: str, weight: Tensor) -> bool:
    """Return whether a weight is a bias, a norm or of the value head: every task has its own."""
    return weight.dim() == 1 or name.startswith(CRITIC)


def own_parts(policy: Policy) -> Named:
    """Return a copy of the weights that are not shared."""
    return {name: weight.detach().clone() for name, weight in policy.named_parameters() if is_own(name, weight)}


@torch.no_grad()
def load(policy: Policy, weights: Named) -> None:
    """Copy these weights into the policy, in place; rows of words learned since stay as they are."""
    current = dict(policy.named_parameters())
    for name, weight in weights.items():
        current[name][: len(weight)].copy_(weight)
