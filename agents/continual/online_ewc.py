"""Online elastic weight consolidation (Schwarz et al., 2018): one Fisher, which fades, and one anchor, the latest."""

from __future__ import annotations

import torch
from torch import Tensor

from agents.config import OnlineEWCConfig
from agents.continual import ContinualStrategy
from agents.continual.fisher import fisher_diagonal
from agents.continual.springs import Springs, grown
from agents.memory import Memory
from agents.policies import Observations, Policy
from agents.rollout import Rollout
from agents.state_tree import State


class OnlineEWC(ContinualStrategy):
    """Tie each weight to where the last stage left it; how firmly, the tasks say together, the latest loudest."""

    config: OnlineEWCConfig

    def __init__(self, config: OnlineEWCConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self.springs = Springs()
        """F* and θ* of equation 9."""
        self._consolidated: set[int] = set()

    def begin_task(self, policy: Policy, column: int) -> None:
        """Switched on in mid-run, hold on to what earlier tasks are remembered by."""
        for earlier, lesson in self.memory.lessons(without=column).items():
            if earlier not in self._consolidated:
                texts = [entry.text for entry in lesson.entries]
                self.consolidate(policy, earlier, policy.encode(texts, [earlier] * len(texts)))

    def penalty(self, policy: Policy) -> Tensor | float:
        """Energy stored in the springs, ½ λ Σ F* (θ − θ*)²."""
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

    def consolidate(self, policy: Policy, column: int, observations: Observations) -> None:
        """Let what there is fade, add the task's importance, and move every anchor here."""
        fisher = fisher_diagonal(policy, observations, self.config.samples, self.generator)
        weights = dict(policy.named_parameters())
        for name, importance in fisher.items():
            old = self.springs.stiffness.get(name, torch.zeros_like(importance))
            self.springs.stiffness[name] = self.config.fade * grown(old, importance) + importance
            self.springs.anchors[name] = weights[name].detach().clone()
        self._consolidated.add(column)
