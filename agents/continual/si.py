"""Synaptic intelligence (Zenke et al., 2017): importance is a weight's contribution to the fall of the loss.

Importance needs no extra pass: it is accumulated during training.

Shapes: ω, Ω, θ̃ and the gradient g have the shape of their weight θ, whose rows may have grown since they were stored.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from agents.config.strategies import SIConfig
from agents.continual import ContinualStrategy
from agents.continual.quadratic_penalty import NamedTensors, QuadraticPenalty, pad_rows, penalised_weights
from agents.memory import Memory
from agents.policies import Policy
from agents.rollout import Rollout
from agents.state_tree import State


class SI(ContinualStrategy):
    """Penalise changes to a weight in proportion to how much its path has lowered the losses of earlier tasks."""

    config: SIConfig

    def __init__(self, config: SIConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self.quadratic_penalty = QuadraticPenalty()
        """Importance Ω and anchors θ̃ of equation 4."""
        self.paths: NamedTensors = {}
        """ω: path integral −∫ g dθ of each weight, its contribution to the fall of the running task's loss."""
        self._starts: NamedTensors = {}
        """θ at the start of the task."""
        self._gradients: NamedTensors = {}
        """g of the task's own loss, between `project` and `constrain`."""
        self._before: NamedTensors = {}
        """θ before the optimiser step, between `project` and `constrain`."""

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Start the path integral at 0. Tasks learned under another strategy have none, so they are not protected."""
        self._starts = {name: weight.detach().clone() for name, weight in penalised_weights(policy)}
        self.paths = {name: torch.zeros_like(start) for name, start in self._starts.items()}

    def penalty(self, policy: Policy) -> Tensor | float:
        """Return c Σ Ω (θ̃ − θ)², a scalar (equation 4)."""
        return self.config.strength * self.quadratic_penalty.value(policy)

    @torch.no_grad()
    def project(self, policy: Policy) -> None:
        """Store each weight and the gradient of the task's own loss, without that of the penalty."""
        for name, weight in penalised_weights(policy):
            if weight.grad is not None:
                self._before[name] = weight.clone()
                self._gradients[name] = weight.grad - 2 * self.config.strength * self.quadratic_penalty.gradient(
                    name, weight
                )

    @torch.no_grad()
    def constrain(self, policy: Policy) -> None:
        """Add −g Δθ of the optimiser step to the path integral."""
        for name, weight in penalised_weights(policy):
            if name in self._gradients:
                decrease = self._gradients[name] * (weight - self._before[name])
                self.paths[name] = pad_rows(self.paths.get(name, torch.zeros_like(decrease)), decrease) - decrease
        self._gradients, self._before = {}, {}

    @torch.no_grad()
    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterable[None]:
        """Add the task's importance, Ω += ω / (Δ² + ξ) (equation 5), and anchor the current weights.

        A negative ω, of a weight whose path raised the loss, counts as 0: the penalty must stay convex.
        """
        for name, weight in penalised_weights(policy):
            old = pad_rows(self.quadratic_penalty.importance.get(name, torch.zeros_like(weight)), weight)
            path = pad_rows(self.paths.get(name, torch.zeros_like(weight)), weight)
            # rows that were added during the task have no stored start: they count as not moved, Δ = 0
            start = self._starts.get(name, weight)
            displacement = weight - torch.cat([start, weight[len(start) :]])
            self.quadratic_penalty.importance[name] = old + (path / (displacement**2 + self.config.damping)).clamp_min(
                0
            )
            self.quadratic_penalty.anchors[name] = weight.clone()
        self.paths, self._starts = {}, {}
        return ()

    def state(self) -> State:
        """Return the penalty, and the path integral of the running task."""
        return {**self.quadratic_penalty.state(), "paths": dict(self.paths), "starts": dict(self._starts)}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self.quadratic_penalty = QuadraticPenalty.restored(state)
        self.paths, self._starts = dict(state["paths"]), dict(state["starts"])
