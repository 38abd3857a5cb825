"""Batches of memory entries of other tasks, for rehearsal.

Shapes: M entries of all rehearsed tasks together, B drawn rows, A actions of the largest action set.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.memory import ConsolidatedTargets, Memory
from agents.policies import Observations, Policy
from agents.state_tree import State


@dataclass(frozen=True, slots=True)
class RehearsalSet:
    """The memory entries of every task but the running one, and their targets; row i of each field is entry i."""

    ids: tuple[int, ...]
    """Of the memory entries."""
    observations: Observations
    probabilities: Tensor
    """(M, A) action probabilities at the end of the entry's stage; 0 beyond the actions of its task."""
    values: Tensor
    """(M,) outputs of the value head at that time."""
    task_rows: tuple[Tensor, ...]
    """For each task, the indices of its rows."""

    @classmethod
    def from_targets(cls, consolidated: dict[int, ConsolidatedTargets], policy: Policy) -> RehearsalSet:
        """Concatenate the targets of all tasks, by task id, and encode their sentences."""
        targets = list(consolidated.values())
        entries = [entry for each in targets for entry in each.entries]
        observations = policy.recall(entries)
        actions = max(each.probabilities.shape[1] for each in targets)
        probabilities = [F.pad(each.probabilities, (0, actions - each.probabilities.shape[1])) for each in targets]
        counts = [len(each.entries) for each in targets]
        task_rows = torch.arange(len(entries), device=observations.rows.device).split(counts)
        values = torch.cat([each.values for each in targets])
        return cls(tuple(entry.id for entry in entries), observations, torch.cat(probabilities), values, task_rows)

    def compare(self, policy: Policy, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return KL(stored ‖ policy) and the squared value error, (B,) each, of the entries at `rows` (B,)."""
        distribution, values = policy(self.observations[rows])
        divergence = F.kl_div(distribution.logits, self.probabilities[rows], reduction="none").sum(-1)
        return divergence, (values - self.values[rows]) ** 2

    def sample(self, count: int, generator: torch.Generator, *, balanced: bool) -> Tensor:
        """Return B = `count` × tasks random rows (B,): `count` a task if `balanced`, else uniform over entries."""
        pools = self.task_rows if balanced else (torch.cat(self.task_rows),) * len(self.task_rows)
        drawn = [pool[torch.randint(len(pool), (count,), generator=generator).to(pool.device)] for pool in pools]
        return torch.cat(drawn)


class Rehearsal:
    """Builds the rehearsal set of all tasks but the running one, and rebuilds it when the memory has changed."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._rehearsal_set: RehearsalSet | None = None
        self._task_id = -1
        self._version = -1

    def begin(self, task_id: int) -> None:
        """Exclude the task `task_id`, which is now running, from rehearsal."""
        self._task_id, self._version = task_id, -1

    def rehearsal_set(self, policy: Policy) -> RehearsalSet | None:
        """Return the current rehearsal set; None if the memory has no targets of other tasks."""
        if self._version != self._memory.version:
            consolidated = self._memory.consolidated(without=self._task_id)
            self._rehearsal_set = RehearsalSet.from_targets(consolidated, policy) if consolidated else None
            self._version = self._memory.version
        return self._rehearsal_set

    def state(self) -> State:
        """Return the id of the excluded task; the set itself is rebuilt from memory."""
        return {"task_id": self._task_id}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self.begin(state["task_id"])
