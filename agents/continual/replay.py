"""Replay by distillation: rehearse memories with the action probabilities stored beside them.

The reservoir sampling is Vitter's (1985); the loss on it is knowledge distillation
(Hinton et al., 2015), which Rolnick et al. (2019) call behavioural cloning in CLEAR.
"""

from __future__ import annotations

import torch
from torch import Tensor

from agents.config.strategies import ReplayConfig
from agents.continual import ContinualStrategy
from agents.continual.priorities import Priorities
from agents.continual.rehearsal import Rehearsal, Repertoire
from agents.memory import Memory
from agents.policies import Policy
from agents.state_tree import State


class Replay(ContinualStrategy):
    """Mix into every gradient step some moments of each earlier task, and ask for the same decisions as then."""

    config: ReplayConfig

    def __init__(self, config: ReplayConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._rehearsal = Rehearsal(memory)
        self._priorities = Priorities()

    def begin_task(self, policy: Policy, column: int) -> None:
        """Lay out what is remembered of the other tasks."""
        self._rehearsal.begin(column)

    def state(self) -> State:
        """Return the task that is not rehearsed, and how far each memory has slipped."""
        return {**self._rehearsal.state(), "priorities": self._priorities.state()}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._rehearsal.restore(state)
        self._priorities.restore(state["priorities"])

    def penalty(self, policy: Policy) -> Tensor | float:
        """KL(then ‖ now) of the decisions plus the error of the values, summed over the remembered tasks."""
        repertoire = self._rehearsal.repertoire(policy)
        if repertoire is None:
            return 0.0
        rows, counts = self._draw(repertoire)
        divergence, error = repertoire.compare(policy, rows)
        if self.config.priority:
            self._priorities.note(rows, divergence)
        loss = (counts * (divergence + self.config.value_weight * error)).mean()
        return self.config.weight * len(repertoire.places) * loss

    def _draw(self, repertoire: Repertoire) -> tuple[Tensor, Tensor | float]:
        count, balanced = self.config.rows, self.config.balanced
        if self.config.priority:
            return self._priorities.draw(repertoire, count, self.config.priority, self.generator, balanced=balanced)
        return repertoire.draw(count, self.generator, balanced=balanced), 1.0
