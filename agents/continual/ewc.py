"""Elastic weight consolidation (Kirkpatrick et al., 2017), and its online form (Schwarz et al., 2018).

EWC has one anchor a task; online EWC has one Fisher diagonal, which decays, and one anchor, the latest.

The penalties of all tasks are merged into one: Σₖ Fₖ(θ − θₖ)² = F(θ − θ̄)² + c, where F = ΣFₖ, θ̄ is the F-weighted
mean of the anchors, and c does not depend on θ. Memory and time are those of a single task.

Shapes: F and θ̄ have the shape of their weight, whose rows may have grown since they were stored.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

import torch
from torch import Tensor

from agents.config.strategies import EWCConfig, OnlineEWCConfig
from agents.continual import ContinualStrategy
from agents.continual.fisher import fisher_diagonal, scaled
from agents.continual.quadratic_penalty import QuadraticPenalty, pad_rows
from agents.memory import Memory
from agents.policies import Observations, Policy
from agents.rollout import Rollout
from agents.state_tree import State


class Consolidation(ContinualStrategy):
    """Base of EWC and online EWC: measures the Fisher diagonal at the end of each stage; `merge` accumulates it."""

    config: EWCConfig | OnlineEWCConfig

    def __init__(self, config: EWCConfig | OnlineEWCConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self.quadratic_penalty = QuadraticPenalty()
        """F and the anchors of all consolidated tasks, merged."""
        self.consolidated: set[int] = set()
        """Ids of the tasks whose Fisher diagonal is part of the penalty."""

    @abstractmethod
    def merge(self, policy: Policy, observations: Observations) -> None:
        """Merge the Fisher information and the weights of one task, given B of its observations, into the penalty."""

    def consolidate(self, policy: Policy, task_id: int, observations: Observations) -> None:
        """Penalise changes to the weights that are important to the task `task_id` from now on."""
        self.merge(policy, observations)
        self.consolidated.add(task_id)

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Consolidate earlier tasks that are only in memory, if the strategy was switched on during the run."""
        for earlier, targets in self.memory.consolidated(without=task_id).items():
            if earlier not in self.consolidated:
                self.consolidate(policy, earlier, policy.recall(targets.entries))

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return ½ λ Σ F (θ − θ*)², a scalar (Kirkpatrick et al., 2017, equation 3)."""
        return 0.5 * self.config.strength * self.quadratic_penalty.value(policy)

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Measure importance on the last rollout, and anchor the weights at their current values."""
        self.consolidate(policy, task_id, rollout.observations)
        return ()

    def state(self) -> State:
        """Return the penalty and the consolidated tasks."""
        return {**self.quadratic_penalty.state(), "consolidated": sorted(self.consolidated)}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self.quadratic_penalty, self.consolidated = QuadraticPenalty.restored(state), set(state["consolidated"])


class EWC(Consolidation):
    """EWC: one penalty a task, with its Fisher diagonal and its final weights as the anchor."""

    config: EWCConfig

    @torch.no_grad()
    def merge(self, policy: Policy, observations: Observations) -> None:
        """Add the task's penalty: F = ΣFₖ, θ̄ = ΣFₖθₖ / F, and the remainder to the constant."""
        quadratic_penalty = self.quadratic_penalty
        with torch.enable_grad():
            fisher = fisher_diagonal(policy, observations, self.config.samples, self.generator)
        if self.config.scaled:
            fisher = scaled(fisher)
        weights = dict(policy.named_parameters())
        for name, importance in fisher.items():
            weight = weights[name]
            old = pad_rows(quadratic_penalty.importance.get(name, torch.zeros_like(weight)), weight)
            anchor = pad_rows(quadratic_penalty.anchors.get(name, weight.clone()), weight)
            # Fₖ / (F + Fₖ): how far the mean moves to the new anchor; 0 where neither task needs the weight
            share = importance / (old + importance).clamp_min(torch.finfo(weight.dtype).tiny)
            quadratic_penalty.constant += float((old * share * (anchor - weight) ** 2).sum())
            quadratic_penalty.anchors[name] = anchor + share * (weight - anchor)
            quadratic_penalty.importance[name] = old + importance


class OnlineEWC(Consolidation):
    """Online EWC: a decaying sum of the tasks' Fisher diagonals, anchored at the latest weights."""

    config: OnlineEWCConfig

    def merge(self, policy: Policy, observations: Observations) -> None:
        """Set F* = γ F* + Fₖ (Schwarz et al., 2018, equation 9), and move every anchor to the current weights."""
        fisher = scaled(fisher_diagonal(policy, observations, self.config.samples, self.generator))
        weights = dict(policy.named_parameters())
        for name, importance in fisher.items():
            old = self.quadratic_penalty.importance.get(name, torch.zeros_like(importance))
            self.quadratic_penalty.importance[name] = self.config.decay_factor * pad_rows(old, importance) + importance
            self.quadratic_penalty.anchors[name] = weights[name].detach().clone()
