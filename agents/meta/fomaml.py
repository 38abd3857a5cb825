"""First-order MAML (Finn, Abbeel & Levine, 2017, algorithm 3 without its second derivatives)."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch

from agents.algorithms import Algorithm
from agents.config import FOMAMLConfig
from agents.meta import Collect, MemberStep, MetaLearner, Weights
from agents.meta.adaptation import AdaptedPolicy, Pupil, flat, gradient, length, own_weights, practise
from agents.optimiser import FlatAdam
from agents.policies import Policy


class FOMAML(MetaLearner):
    """Adapt to some members, then follow the slope that the loss has there: 1/n Σ ∇L(θ'ᵢ)."""

    def __init__(self, config: FOMAMLConfig, algorithm: Algorithm, generator: torch.Generator) -> None:
        self.config, self.algorithm, self._generator = config, algorithm, generator
        self._outer: FlatAdam | None = None

    def adapt(self, policy: Policy, weights: Weights, collect: Collect) -> Generator[MemberStep, None, Weights]:
        """Return the weights after `inner_steps` rollouts of one member."""
        pupil = Pupil(policy, weights, self.algorithm, self.config.inner_rate, self._generator)
        return (yield from practise(pupil, collect, self.config.inner_steps))

    def improve(self, policy: Policy, members: Sequence[Collect]) -> Generator[MemberStep, None, dict[str, float]]:
        """Adapt to each member, and step against the mean of the slopes that its adapted weights find."""
        start = own_weights(policy)
        total = {name: torch.zeros_like(weight) for name, weight in start.items()}
        for collect in members:
            adapted = yield from self.adapt(policy, start, collect)
            for _ in range(self.config.queries):
                slope = yield from self._slope(policy, adapted, collect)
                for name, part in slope.items():
                    total[name] += part / (len(members) * self.config.queries)
        self._descend(policy, total)
        return {"gradient": length(total)}

    def _slope(self, policy: Policy, weights: Weights, collect: Collect) -> Generator[MemberStep, None, Weights]:
        """Live a query rollout with adapted weights; return the slope of its loss at these weights."""
        rollout = yield from collect(AdaptedPolicy(policy, weights))
        batch = next(self.algorithm.batches(rollout, self._generator))
        return gradient(self.algorithm, policy, weights, batch)

    def _descend(self, policy: Policy, slope: Weights) -> None:
        if self._outer is None:
            self._outer = FlatAdam(policy)
        self._outer.gather()  # words may have been learned since
        self._outer.gradient.copy_(flat(slope))
        self._outer.step(self.config.outer_rate)
