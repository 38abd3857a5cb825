"""Synaptic intelligence (Zenke et al., 2017): importance is a weight's contribution to the fall of the loss.

Importance costs no extra pass: it is summed up while the agent learns.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from agents.config.strategies import SIConfig
from agents.continual import ContinualStrategy
from agents.continual.quadratic_penalty import Named, QuadraticPenalty, grown, held
from agents.memory import Memory
from agents.policies import Policy
from agents.rollout import Rollout
from agents.state_tree import State


class SI(ContinualStrategy):
    """Tie each weight to its old value with a spring as stiff as its way there was useful."""

    config: SIConfig

    def __init__(self, config: SIConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self.quadratic_penalty = QuadraticPenalty()
        """Ω and θ̃ of equation 4."""
        self.paths: Named = {}
        """ω: how much the way of each weight has lowered the running task's loss, −∫ g dθ."""
        self._starts: Named = {}
        """Where each weight was when the task began."""
        self._slopes: Named = {}
        self._before: Named = {}

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Begin to sum up from here. Of tasks learned before this strategy was chosen, nobody knows the way."""
        self._starts = {name: weight.detach().clone() for name, weight in held(policy)}
        self.paths = {name: torch.zeros_like(start) for name, start in self._starts.items()}

    def penalty(self, policy: Policy) -> Tensor | float:
        """Energy stored in the springs, c Σ Ω (θ̃ − θ)²."""
        return self.config.strength * self.quadratic_penalty.value(policy)

    @torch.no_grad()
    def project(self, policy: Policy) -> None:
        """Note each weight, and the slope there of the task's own loss: the springs' pull is taken off."""
        for name, weight in held(policy):
            if weight.grad is not None:
                self._before[name] = weight.clone()
                self._slopes[name] = weight.grad - 2 * self.config.strength * self.quadratic_penalty.gradient(
                    name, weight
                )

    @torch.no_grad()
    def constrain(self, policy: Policy) -> None:
        """Add −g Δθ of the step that was just taken."""
        for name, weight in held(policy):
            if name in self._slopes:
                gone = self._slopes[name] * (weight - self._before[name])
                self.paths[name] = grown(self.paths.get(name, torch.zeros_like(gone)), gone) - gone
        self._slopes, self._before = {}, {}

    @torch.no_grad()
    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Turn the way into importance, Ω += ω / (Δ² + ξ), and anchor the springs here.

        What raised the loss is no reason to hold a weight, and none to push it away: it counts 0.
        """
        for name, weight in held(policy):
            old = grown(self.quadratic_penalty.importance.get(name, torch.zeros_like(weight)), weight)
            path = grown(self.paths.get(name, torch.zeros_like(weight)), weight)
            # a word that was met meanwhile began where it is anchored: its way is not known
            start = self._starts.get(name, weight)
            far = weight - torch.cat([start, weight[len(start) :]])
            self.quadratic_penalty.importance[name] = old + (path / (far**2 + self.config.damping)).clamp_min(0)
            self.quadratic_penalty.anchors[name] = weight.clone()
        self.paths, self._starts = {}, {}
        return ()

    def state(self) -> State:
        """Return the springs, and what the running task has summed up."""
        return {**self.quadratic_penalty.state(), "paths": dict(self.paths), "starts": dict(self._starts)}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.quadratic_penalty = QuadraticPenalty.restored(state)
        self.paths, self._starts = dict(state["paths"]), dict(state["starts"])
