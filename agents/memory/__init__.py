"""The interface of memories: remembered decisions outside of the weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.events import MemoryChanged, MemoryEntry
from agents.policies import Policy
from agents.state_tree import State


@dataclass(frozen=True, slots=True)
class ConsolidatedTargets:
    """What the agent made of a task's moments when it had learned the task."""

    entries: tuple[MemoryEntry, ...]
    probabilities: Tensor
    """(B, A) what it would do in each."""
    values: Tensor
    """(B,) what it expected of each."""


class Memory(ABC):
    """Chooses moments before they are lived, keeps them under stable ids, and tells each change as an event.

    The trainer fills it under every strategy; what the inspector shows, what a person pins
    or erases, and what a strategy rehearses are the same entries.
    """

    version: int
    """Grows with every change that a strategy should notice."""

    @abstractmethod
    def __len__(self) -> int:
        """Return how many moments are kept."""

    @abstractmethod
    def entries(self, task_id: int | None = None) -> tuple[MemoryEntry, ...]:
        """Return what is kept of one task, or of all."""

    @abstractmethod
    def choose(self, task_id: int, steps: int, worlds: int) -> NDArray[np.bool_]:
        """Return which of the next (steps, worlds) decisions to keep, before they are lived."""

    @abstractmethod
    def write(self, task_id: int, moments: Iterable[MemoryEntry], step: int) -> MemoryChanged:
        """Keep these moments under new ids, and tell what had to go for them."""

    @abstractmethod
    def erase(self, ids: Sequence[int], step: int) -> MemoryChanged:
        """Forget these entries for good, with what was learned from them."""

    @abstractmethod
    def pin(self, ids: Sequence[int], pinned: bool, step: int) -> MemoryChanged:
        """Keep these entries whatever comes, or let them go again."""

    @abstractmethod
    def settle(self, task_id: int, probabilities: Tensor, values: Tensor) -> None:
        """Note what the agent, having learned the task, does in each of its moments: row i is entry i."""

    @abstractmethod
    def consolidated(self, without: int) -> dict[int, ConsolidatedTargets]:
        """Return what was learned of every task but one, leaving out tasks of which nothing is kept."""

    @abstractmethod
    def state(self) -> State:
        """Return every entry and what decides which will be kept next."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""


def consolidate_memory(memory: Memory, policy: Policy, task_id: int) -> None:
    """Note what the policy, having learned the task, does now in each moment that is kept of it."""
    entries = memory.entries(task_id)
    if entries:
        with torch.no_grad():
            distribution, values = policy(policy.recall(entries))
        memory.settle(task_id, distribution.probs, values)
