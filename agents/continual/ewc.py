"""Elastic weight consolidation (Kirkpatrick et al., 2017), with every task's anchor kept exactly.

Several springs on one weight are one spring: Σₖ Fₖ(θ − θₖ)² = F(θ − θ̄)² + rest, where F = ΣFₖ, θ̄ is the
F-weighted mean of the anchors, and the rest does not depend on θ. All tasks cost as much as one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from agents.config import EWCConfig
from agents.continual import ContinualStrategy
from agents.continual.fisher import fisher_diagonal
from agents.continual.springs import Springs, grown
from agents.memory import Memory
from agents.policies import Observations, Policy
from agents.rollout import Rollout
from agents.state_tree import State


class EWC(ContinualStrategy):
    """Tie each weight to its old value with a spring as stiff as the weight was important."""

    config: EWCConfig

    def __init__(self, config: EWCConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self.springs = Springs()
        """F and θ̄."""
        self._consolidated: set[int] = set()

    def begin_task(self, policy: Policy, column: int) -> None:
        """Switched on in mid-run, hold on to what earlier tasks are remembered by."""
        for earlier, lesson in self.memory.lessons(without=column).items():
            if earlier not in self._consolidated:
                texts = [entry.text for entry in lesson.entries]
                self.consolidate(policy, earlier, policy.encode(texts, [earlier] * len(texts)))

    def penalty(self, policy: Policy) -> Tensor | float:
        """Energy stored in the springs, ½ λ Σ F (θ − θₖ)²."""
        return 0.5 * self.config.strength * self.springs.energy(policy)

    def end_task(self, policy: Policy, column: int, rollout: Rollout) -> None:
        """Measure importance on what was lived last, and anchor the springs here."""
        self.consolidate(policy, column, rollout.observations)

    def state(self) -> State:
        """Return the springs."""
        return {**self.springs.state(), "consolidated": sorted(self._consolidated)}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.springs, self._consolidated = Springs.restored(state), set(state["consolidated"])

    @torch.no_grad()
    def consolidate(self, policy: Policy, column: int, observations: Observations) -> None:
        """Add the task's springs to those there are."""
        springs = self.springs
        with torch.enable_grad():
            fisher = fisher_diagonal(policy, observations, self.config.samples, self.generator)
        weights = dict(policy.named_parameters())
        for name, importance in fisher.items():
            weight = weights[name]
            old = grown(springs.stiffness.get(name, torch.zeros_like(weight)), weight)
            anchor = grown(springs.anchors.get(name, weight.clone()), weight)
            share = importance / (old + importance).clamp_min(torch.finfo(weight.dtype).tiny)
            springs.rest += float((old * share * (anchor - weight) ** 2).sum())
            springs.anchors[name] = anchor + share * (weight - anchor)
            springs.stiffness[name] = old + importance
        self._consolidated.add(column)
