"""Reptile (Nichol, Achiam & Schulman, 2018, algorithm 2)."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch

from agents.algorithms import Algorithm
from agents.config.algorithms import ReptileConfig
from agents.meta import Collect, MemberStep, MetaLearner, Weights
from agents.meta.inner_loop import InnerLoop, adapt_for, norm, own_weights
from agents.policies import Policy


class Reptile(MetaLearner):
    """Adapt to n members, then move towards the mean of the adapted weights: θ ← θ + ε/n Σ (θ'ᵢ − θ)."""

    def __init__(self, config: ReptileConfig, algorithm: Algorithm, generator: torch.Generator) -> None:
        self.config, self.algorithm, self._generator = config, algorithm, generator

    def adapt(self, policy: Policy, weights: Weights, collect: Collect) -> Generator[MemberStep, None, Weights]:
        """Return the weights after `inner_steps` rollouts of one member."""
        inner_loop = InnerLoop(
            policy, weights, self.algorithm, self.config.inner_lr, self._generator, self.clip_gradient
        )
        return (yield from adapt_for(inner_loop, collect, self.config.inner_steps))

    def improve(self, policy: Policy, members: Sequence[Collect]) -> Generator[MemberStep, None, dict[str, float]]:
        """Adapt to each member from the same start, and move the policy towards the mean of the adapted weights.

        Returns {"move": 2-norm of the mean change that adaptation made, before it is scaled by `outer_lr`}.
        """
        start = own_weights(policy)
        mean_change = {name: torch.zeros_like(weight) for name, weight in start.items()}
        for collect in members:
            adapted = yield from self.adapt(policy, start, collect)
            for name, weight in adapted.items():
                mean_change[name] += (weight - start[name]) / len(members)
        for name, weight in start.items():
            weight += self.config.outer_lr * mean_change[name]  # in place: `start` shares memory with the policy
        return {"move": norm(mean_change)}
