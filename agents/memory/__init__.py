"""The interface of episodic memories: decisions stored outside of the weights, for rehearsal and inspection."""

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
    """What the policy computed for the B memory entries of a task at the end of its stage: the targets of rehearsal."""

    entries: tuple[MemoryEntry, ...]
    probabilities: Tensor
    """(B, A) action probabilities, a row an entry."""
    values: Tensor
    """(B,) outputs of the value head."""


class Memory(ABC):
    """Selects decisions before they are collected, stores them under stable ids, and reports each change as an event.

    The trainer fills it under every strategy. The inspector shows, the user pins and erases, and strategies rehearse
    the same entries.
    """

    version: int
    """Incremented whenever the result of `consolidated` changes, so that strategies know when to reload it."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of entries."""

    @abstractmethod
    def entries(self, task_id: int | None = None) -> tuple[MemoryEntry, ...]:
        """Return the entries of one task, or of all tasks if `task_id` is None."""

    @abstractmethod
    def choose(self, task_id: int, steps: int, worlds: int) -> NDArray[np.bool_]:
        """Return a mask (T, N) of the next T = `steps` by N = `worlds` decisions that are to be stored.

        It is called before these are collected, so that only the chosen ones need their state captured.
        """

    @abstractmethod
    def write(self, task_id: int, entries: Iterable[MemoryEntry], step: int) -> MemoryChanged:
        """Store these entries under new ids; return what was added, and what was evicted for it."""

    @abstractmethod
    def erase(self, ids: Sequence[int], step: int) -> MemoryChanged:
        """Delete these entries and their targets."""

    @abstractmethod
    def pin(self, ids: Sequence[int], pinned: bool, step: int) -> MemoryChanged:
        """Protect these entries from eviction, or stop protecting them."""

    @abstractmethod
    def store_targets(self, task_id: int, probabilities: Tensor, values: Tensor) -> None:
        """Store what the policy computes at the end of a stage for the B entries of its task, in their order.

        `probabilities` is (B, A), over the task's A actions; `values` is (B,).
        """

    @abstractmethod
    def consolidated(self, without: int) -> dict[int, ConsolidatedTargets]:
        """Return the targets of every task with entries, by task id, except for the task `without`."""

    @abstractmethod
    def state(self) -> State:
        """Return every entry, the targets and the sampling state."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""


def consolidate_memory(memory: Memory, policy: Policy, task_id: int) -> None:
    """Evaluate the policy on the memory entries of a task, and store its outputs as the targets of rehearsal."""
    entries = memory.entries(task_id)
    if entries:
        with torch.no_grad():
            distribution, values = policy(policy.recall(entries))
        memory.store_targets(task_id, distribution.probs, values)
