"""Online elastic weight consolidation (Schwarz et al., 2018): one Fisher, which fades, and one anchor, the latest."""

from __future__ import annotations

import torch

from agents.config import OnlineEWCConfig
from agents.continual.consolidation import Consolidation
from agents.continual.fisher import fisher_diagonal, scaled
from agents.continual.springs import grown
from agents.policies import Observations, Policy


class OnlineEWC(Consolidation):
    """Tie each weight to where the last stage left it; how firmly, the tasks say together, the latest loudest."""

    config: OnlineEWCConfig

    def join(self, policy: Policy, observations: Observations) -> None:
        """Let what there is fade, add the task's importance (F* of equation 9), and move every anchor here."""
        fisher = scaled(fisher_diagonal(policy, observations, self.config.samples, self.generator))
        weights = dict(policy.named_parameters())
        for name, importance in fisher.items():
            old = self.springs.stiffness.get(name, torch.zeros_like(importance))
            self.springs.stiffness[name] = self.config.fade * grown(old, importance) + importance
            self.springs.anchors[name] = weights[name].detach().clone()
