"""Replay by distillation: rehearse memories with the action probabilities stored beside them.

The reservoir sampling is Vitter's (1985); the loss on it is knowledge distillation
(Hinton et al., 2015), which Rolnick et al. (2019) call behavioural cloning in CLEAR.
Priorities are Schaul et al.'s (2016), with the divergence in place of the TD error.
"""

from __future__ import annotations

import torch
from torch import Tensor

from agents.config.strategies import ReplayConfig
from agents.continual import ContinualStrategy
from agents.continual.rehearsal import Rehearsal, RehearsalSet
from agents.memory import Memory
from agents.policies import Policy
from agents.state_tree import State

FLOOR = 1e-3
"""Added to each divergence, so that nothing is never rehearsed."""


class Replay(ContinualStrategy):
    """Mix into every gradient step some moments of each earlier task, and ask for the same decisions as then."""

    config: ReplayConfig

    def __init__(self, config: ReplayConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._rehearsal = Rehearsal(memory)
        self._priorities = Priorities()

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Lay out what is remembered of the other tasks."""
        self._rehearsal.begin(task_id)

    def state(self) -> State:
        """Return the task that is not rehearsed, and how far each memory has slipped."""
        return {**self._rehearsal.state(), "priorities": self._priorities.state()}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._rehearsal.restore(state)
        self._priorities.restore(state["priorities"])

    def penalty(self, policy: Policy) -> Tensor | float:
        """KL(then ‖ now) of the decisions plus the error of the values, summed over the remembered tasks."""
        rehearsal_set = self._rehearsal.rehearsal_set(policy)
        if rehearsal_set is None:
            return 0.0
        rows, counts = self._draw(rehearsal_set)
        divergence, error = rehearsal_set.compare(policy, rows)
        if self.config.priority:
            self._priorities.note(rows, divergence)
        loss = (counts * (divergence + self.config.vf_coef * error)).mean()
        return self.config.weight * len(rehearsal_set.places) * loss

    def _draw(self, rehearsal_set: RehearsalSet) -> tuple[Tensor, Tensor | float]:
        count, balanced = self.config.batch_size, self.config.balanced
        if self.config.priority:
            return self._priorities.draw(rehearsal_set, count, self.config.priority, self.generator, balanced=balanced)
        return rehearsal_set.draw(count, self.generator, balanced=balanced), 1.0


class Priorities:
    """How far each memory had slipped when it was rehearsed last; one that never was counts as the worst."""

    def __init__(self) -> None:
        self._ids: tuple[int, ...] = ()
        self._slips = torch.empty(0)

    def weights(self, rehearsal_set: RehearsalSet, exponent: float) -> Tensor:
        """Return how often each row is to be drawn, (B,), in proportion."""
        if self._ids != rehearsal_set.ids:
            self._follow(rehearsal_set)
        return (self._slips + FLOOR) ** exponent

    def draw(
        self, rehearsal_set: RehearsalSet, count: int, exponent: float, generator: torch.Generator, *, balanced: bool
    ) -> tuple[Tensor, Tensor]:
        """Return `count` rows for each task, and what each has to count so that the mean loss stays what it was.

        That is (1 / N P) of the paper's section 3.4 with its exponent at 1: the rows differ, the loss does not.
        """
        weights = self.weights(rehearsal_set, exponent)
        places = rehearsal_set.places if balanced else (torch.cat(rehearsal_set.places),) * len(rehearsal_set.places)
        rows, counts = [], []
        for place in places:
            probabilities = weights[place] / weights[place].sum()
            drawn = torch.multinomial(probabilities.to(generator.device), count, replacement=True, generator=generator)
            drawn = drawn.to(place.device)
            rows.append(place[drawn])
            counts.append(1 / (len(place) * probabilities[drawn]))
        return torch.cat(rows), torch.cat(counts)

    def note(self, rows: Tensor, slips: Tensor) -> None:
        """Remember how far these rows have slipped."""
        self._slips[rows] = slips.detach().clamp_min(0)

    def state(self) -> State:
        """Return what is known of each memory."""
        return {"ids": list(self._ids), "slips": self._slips}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._ids, self._slips = tuple(state["ids"]), state["slips"]

    def _follow(self, rehearsal_set: RehearsalSet) -> None:
        """Keep what is known of those that are still there."""
        known = dict(zip(self._ids, self._slips.tolist(), strict=True))
        worst = max(known.values(), default=1.0)
        slips = [known.get(id_, worst) for id_ in rehearsal_set.ids]
        self._ids, self._slips = rehearsal_set.ids, torch.tensor(slips, device=rehearsal_set.values.device)
