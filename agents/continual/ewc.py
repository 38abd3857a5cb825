"""Elastic weight consolidation (Kirkpatrick et al., 2017), and its online form (Schwarz et al., 2018).

EWC keeps every task's anchor exactly; online EWC has one Fisher, which fades, and one anchor, the latest.

Several springs on one weight are one spring: Σₖ Fₖ(θ − θₖ)² = F(θ − θ̄)² + rest, where F = ΣFₖ, θ̄ is the
F-weighted mean of the anchors, and the rest does not depend on θ. All tasks cost as much as one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

import torch
from torch import Tensor

from agents.config.strategies import EWCConfig, OnlineEWCConfig
from agents.continual import ContinualStrategy
from agents.continual.fisher import fisher_diagonal, scaled
from agents.continual.quadratic_penalty import QuadraticPenalty, grown
from agents.memory import Memory
from agents.policies import Observations, Policy
from agents.rollout import Rollout
from agents.state_tree import State


class Consolidation(ContinualStrategy):
    """Measure at the end of each stage what it needs; how that joins the springs there are, each kind says."""

    config: EWCConfig | OnlineEWCConfig

    def __init__(self, config: EWCConfig | OnlineEWCConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self.quadratic_penalty = QuadraticPenalty()
        """F, and the anchors."""
        self.consolidated: set[int] = set()
        """The tasks that are held on to."""

    @abstractmethod
    def join(self, policy: Policy, observations: Observations) -> None:
        """Join the springs that a task needs, which decides like this, to those there are."""

    def consolidate(self, policy: Policy, task_id: int, observations: Observations) -> None:
        """Hold on to what the task at `task_id` needs from now on."""
        self.join(policy, observations)
        self.consolidated.add(task_id)

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Switched on in mid-run, hold on to what earlier tasks are remembered by."""
        for earlier, lesson in self.memory.consolidated(without=task_id).items():
            if earlier not in self.consolidated:
                self.consolidate(policy, earlier, policy.recall(lesson.entries))

    def penalty(self, policy: Policy) -> Tensor | float:
        """Energy stored in the springs, ½ λ Σ F (θ − θ*)²."""
        return 0.5 * self.config.strength * self.quadratic_penalty.value(policy)

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Measure importance on what was lived last, and anchor the springs here."""
        self.consolidate(policy, task_id, rollout.observations)
        return ()

    def state(self) -> State:
        """Return the springs."""
        return {**self.quadratic_penalty.state(), "consolidated": sorted(self.consolidated)}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.quadratic_penalty, self.consolidated = QuadraticPenalty.restored(state), set(state["consolidated"])


class EWC(Consolidation):
    """Tie each weight to its old value with a spring as stiff as the weight was important."""

    config: EWCConfig

    @torch.no_grad()
    def join(self, policy: Policy, observations: Observations) -> None:
        """Add the task's springs: F = ΣFₖ, with the mean of the anchors."""
        quadratic_penalty = self.quadratic_penalty
        with torch.enable_grad():
            fisher = fisher_diagonal(policy, observations, self.config.samples, self.generator)
        if self.config.scaled:
            fisher = scaled(fisher)
        weights = dict(policy.named_parameters())
        for name, importance in fisher.items():
            weight = weights[name]
            old = grown(quadratic_penalty.importance.get(name, torch.zeros_like(weight)), weight)
            anchor = grown(quadratic_penalty.anchors.get(name, weight.clone()), weight)
            share = importance / (old + importance).clamp_min(torch.finfo(weight.dtype).tiny)
            quadratic_penalty.constant += float((old * share * (anchor - weight) ** 2).sum())
            quadratic_penalty.anchors[name] = anchor + share * (weight - anchor)
            quadratic_penalty.importance[name] = old + importance


class OnlineEWC(Consolidation):
    """Tie each weight to where the last stage left it; how firmly, the tasks say together, the latest loudest."""

    config: OnlineEWCConfig

    def join(self, policy: Policy, observations: Observations) -> None:
        """Let what there is fade, add the task's importance (F* of equation 9), and move every anchor here."""
        fisher = scaled(fisher_diagonal(policy, observations, self.config.samples, self.generator))
        weights = dict(policy.named_parameters())
        for name, importance in fisher.items():
            old = self.quadratic_penalty.importance.get(name, torch.zeros_like(importance))
            self.quadratic_penalty.importance[name] = self.config.decay_factor * grown(old, importance) + importance
            self.quadratic_penalty.anchors[name] = weights[name].detach().clone()
