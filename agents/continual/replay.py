"""Replay by distillation: rehearse memories with the action probabilities stored beside them.

The reservoir sampling is Vitter's (1985); the loss on it is knowledge distillation
(Hinton et al., 2015), which Rolnick et al. (2019) call behavioural cloning in CLEAR.
Priorities are Schaul et al.'s (2016), with the KL divergence in place of the TD error.

Shapes: M memory entries, B drawn rows.
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

PRIORITY_EPSILON = 1e-3
"""Added to each divergence, so that every entry has some probability (ε of Schaul et al., 2016, section 3.3)."""


class Replay(ContinualStrategy):
    """Add to every gradient step a distillation loss on memory entries of each earlier task."""

    config: ReplayConfig

    def __init__(self, config: ReplayConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._rehearsal = Rehearsal(memory)
        self._priorities = Priorities()

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Rehearse the memories of all tasks but this one."""
        self._rehearsal.begin(task_id)

    def state(self) -> State:
        """Return the id of the task that is not rehearsed, and the priorities."""
        return {**self._rehearsal.state(), "priorities": self._priorities.state()}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._rehearsal.restore(state)
        self._priorities.restore(state["priorities"])

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return KL(stored ‖ policy) plus the weighted squared value error, a scalar summed over earlier tasks."""
        rehearsal_set = self._rehearsal.rehearsal_set(policy)
        if rehearsal_set is None:
            return 0.0
        rows, corrections = self._draw(rehearsal_set)
        divergence, error = rehearsal_set.compare(policy, rows)
        if self.config.priority:
            self._priorities.update(rows, divergence)
        loss = (corrections * (divergence + self.config.vf_coef * error)).mean()
        return self.config.weight * len(rehearsal_set.task_rows) * loss

    def _draw(self, rehearsal_set: RehearsalSet) -> tuple[Tensor, Tensor | float]:
        count, balanced = self.config.batch_size, self.config.balanced
        if self.config.priority:
            return self._priorities.sample(
                rehearsal_set, count, self.config.priority, self.generator, balanced=balanced
            )
        return rehearsal_set.sample(count, self.generator, balanced=balanced), 1.0


class Priorities:
    """The divergence of each entry when it was last rehearsed; entries that never were get the largest one."""

    def __init__(self) -> None:
        self._ids: tuple[int, ...] = ()
        self._divergences = torch.empty(0)
        """(M,) in the order of `_ids`."""

    def weights(self, rehearsal_set: RehearsalSet, exponent: float) -> Tensor:
        """Return the unnormalised sampling weights (M,), (KL + ε) to the power of `exponent`."""
        if self._ids != rehearsal_set.ids:
            self._match(rehearsal_set)
        return (self._divergences + PRIORITY_EPSILON) ** exponent

    def sample(
        self, rehearsal_set: RehearsalSet, count: int, exponent: float, generator: torch.Generator, *, balanced: bool
    ) -> tuple[Tensor, Tensor]:
        """Return B = `count` × tasks rows, (B,), and their importance-sampling corrections, (B,).

        The correction is 1 / (N P) of the paper's section 3.4 with β = 1, so the expected loss is that of uniform
        sampling. If `balanced`, N and P are those of a task's own entries.
        """
        weights = self.weights(rehearsal_set, exponent)
        task_rows = rehearsal_set.task_rows
        pools = task_rows if balanced else (torch.cat(task_rows),) * len(task_rows)
        rows, corrections = [], []
        for pool in pools:
            probabilities = weights[pool] / weights[pool].sum()
            drawn = torch.multinomial(probabilities.to(generator.device), count, replacement=True, generator=generator)
            drawn = drawn.to(pool.device)
            rows.append(pool[drawn])
            corrections.append(1 / (len(pool) * probabilities[drawn]))
        return torch.cat(rows), torch.cat(corrections)

    def update(self, rows: Tensor, divergences: Tensor) -> None:
        """Store the divergences (B,) of the entries at `rows` (B,), clamped at 0 against rounding."""
        self._divergences[rows] = divergences.detach().clamp_min(0)

    def state(self) -> State:
        """Return the entry ids and their divergences."""
        return {"ids": list(self._ids), "divergences": self._divergences}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._ids, self._divergences = tuple(state["ids"]), state["divergences"]

    def _match(self, rehearsal_set: RehearsalSet) -> None:
        """Carry the divergences over to the entries of a new rehearsal set, by entry id."""
        known = dict(zip(self._ids, self._divergences.tolist(), strict=True))
        worst = max(known.values(), default=1.0)
        divergences = [known.get(id_, worst) for id_ in rehearsal_set.ids]
        self._ids, self._divergences = rehearsal_set.ids, torch.tensor(divergences, device=rehearsal_set.values.device)
