"""Elastic weight consolidation (Kirkpatrick et al., 2017), with every task's anchor kept exactly.

Several springs on one weight are one spring: Σₖ Fₖ(θ − θₖ)² = F(θ − θ̄)² + rest, where F = ΣFₖ, θ̄ is the
F-weighted mean of the anchors, and the rest does not depend on θ. All tasks cost as much as one.
"""

from __future__ import annotations

import torch

from agents.config import EWCConfig
from agents.continual.consolidation import Consolidation
from agents.continual.fisher import fisher_diagonal, scaled
from agents.continual.springs import grown
from agents.policies import Observations, Policy


class EWC(Consolidation):
    """Tie each weight to its old value with a spring as stiff as the weight was important."""

    config: EWCConfig

    @torch.no_grad()
    def join(self, policy: Policy, observations: Observations) -> None:
        """Add the task's springs: F = ΣFₖ, with the mean of the anchors."""
        springs = self.springs
        with torch.enable_grad():
            fisher = fisher_diagonal(policy, observations, self.config.samples, self.generator)
        if self.config.scaled:
            fisher = scaled(fisher)
        weights = dict(policy.named_parameters())
        for name, importance in fisher.items():
            weight = weights[name]
            old = grown(springs.stiffness.get(name, torch.zeros_like(weight)), weight)
            anchor = grown(springs.anchors.get(name, weight.clone()), weight)
            share = importance / (old + importance).clamp_min(torch.finfo(weight.dtype).tiny)
            springs.rest += float((old * share * (anchor - weight) ** 2).sum())
            springs.anchors[name] = anchor + share * (weight - anchor)
            springs.stiffness[name] = old + importance
