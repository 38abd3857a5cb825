"""Batches of memories of other tasks, for rehearsal."""

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
    """Moments of every task but the running one, and what the agent once did in each; row i is one moment."""

    ids: tuple[int, ...]
    observations: Observations
    probabilities: Tensor
    values: Tensor
    places: tuple[Tensor, ...]
    """Rows of each task."""

    @classmethod
    def lay(cls, consolidated: dict[int, ConsolidatedTargets], policy: Policy) -> RehearsalSet:
        """Lay out lessons side by side."""
        entries = [entry for lesson in consolidated.values() for entry in lesson.entries]
        observations = policy.recall(entries)
        actions = max(lesson.probabilities.shape[1] for lesson in consolidated.values())
        probabilities = [
            F.pad(lesson.probabilities, (0, actions - lesson.probabilities.shape[1]))
            for lesson in consolidated.values()
        ]
        counts = [len(lesson.entries) for lesson in consolidated.values()]
        places = torch.arange(len(entries), device=observations.rows.device).split(counts)
        values = torch.cat([lesson.values for lesson in consolidated.values()])
        return cls(tuple(entry.id for entry in entries), observations, torch.cat(probabilities), values, places)

    def compare(self, policy: Policy, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return, of each of these moments, KL(then ‖ now) and the squared error of its value, (len(rows),)."""
        distribution, values = policy(self.observations[rows])
        divergence = F.kl_div(distribution.logits, self.probabilities[rows], reduction="none").sum(-1)
        return divergence, (values - self.values[rows]) ** 2

    def draw(self, count: int, generator: torch.Generator, *, balanced: bool) -> Tensor:
        """Return `count` random rows for each task; unless `balanced`, a task has as many as it fills of the memory."""
        places = self.places if balanced else (torch.cat(self.places),) * len(self.places)
        drawn = [place[torch.randint(len(place), (count,), generator=generator).to(place.device)] for place in places]
        return torch.cat(drawn)


class Rehearsal:
    """Lays the repertoire out anew when the memory has changed."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._rehearsal_set: RehearsalSet | None = None
        self._task_id = -1
        self._version = -1

    def begin(self, task_id: int) -> None:
        """Leave this task out from now on: it is being lived."""
        self._task_id, self._version = task_id, -1

    def rehearsal_set(self, policy: Policy) -> RehearsalSet | None:
        """Return what there is to rehearse; None if that is nothing."""
        if self._version != self._memory.version:
            consolidated = self._memory.consolidated(without=self._task_id)
            self._rehearsal_set = RehearsalSet.lay(consolidated, policy) if consolidated else None
            self._version = self._memory.version
        return self._rehearsal_set

    def state(self) -> State:
        """Return the task that is left out; the rest is laid out again from memory."""
        return {"task_id": self._task_id}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.begin(state["task_id"])
