"""Replay by distillation: rehearse remembered moments as they were once decided.

The reservoir sampling is Vitter's (1985); the loss on it is knowledge distillation
(Hinton et al., 2015), which Rolnick et al. (2019) call behavioural cloning in CLEAR.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.config import ReplayConfig
from agents.continual import ContinualStrategy
from agents.memory import Memory
from agents.policies import Observations, Policy
from agents.state_tree import State


@dataclass(frozen=True, slots=True)
class _Rehearsal:
    """Everything remembered of the other tasks, ready to sample from."""

    observations: Observations
    probabilities: Tensor
    values: Tensor
    places: tuple[Tensor, ...]
    """Rows of each task."""


class Replay(ContinualStrategy):
    """Mix into every gradient step some moments of each earlier task, and ask for the same decisions as then."""

    config: ReplayConfig

    def __init__(self, config: ReplayConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._rehearsal: _Rehearsal | None = None
        self._column = -1
        self._version = -1

    def begin_task(self, policy: Policy, column: int) -> None:
        """Lay out what is remembered of the other tasks."""
        self._column, self._version = column, -1

    def state(self) -> State:
        """Return the task that is not rehearsed; the rest is laid out again from memory."""
        return {"column": self._column}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._column, self._version = state["column"], -1

    def penalty(self, policy: Policy) -> Tensor | float:
        """KL(then ‖ now) of the decisions plus the error of the values, summed over the remembered tasks."""
        if self._version != self.memory.version:
            self._rehearsal, self._version = self._prepare(policy), self.memory.version
        if self._rehearsal is None:
            return 0.0
        rows = torch.cat([self._sample(place) for place in self._rehearsal.places])
        distribution, values = policy(self._rehearsal.observations[rows])
        then = self._rehearsal.probabilities[rows]
        divergence = F.kl_div(distribution.logits, then, reduction="none").sum(-1).mean()
        error = F.mse_loss(values, self._rehearsal.values[rows])
        return self.config.weight * len(self._rehearsal.places) * (divergence + 0.5 * error)

    def _sample(self, place: Tensor) -> Tensor:
        chosen = torch.randint(len(place), (self.config.rows,), generator=self.generator)
        return place[chosen.to(place.device)]

    def _prepare(self, policy: Policy) -> _Rehearsal | None:
        lessons = self.memory.lessons(without=self._column)
        if not lessons:
            return None
        entries = [entry for lesson in lessons.values() for entry in lesson.entries]
        observations = policy.encode([entry.text for entry in entries], [entry.column for entry in entries])
        actions = max(lesson.probabilities.shape[1] for lesson in lessons.values())
        probabilities = [
            F.pad(lesson.probabilities, (0, actions - lesson.probabilities.shape[1])) for lesson in lessons.values()
        ]
        counts = [len(lesson.entries) for lesson in lessons.values()]
        places = torch.arange(len(entries), device=observations.rows.device).split(counts)
        values = torch.cat([lesson.values for lesson in lessons.values()])
        return _Rehearsal(observations, torch.cat(probabilities), values, places)
