"""First-order MAML (Finn, Abbeel & Levine, 2017, algorithm 3 without its second derivatives)."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch

from agents.algorithms import Algorithm
from agents.config.algorithms import FOMAMLConfig
from agents.meta import Collect, MemberStep, MetaLearner, Weights
from agents.meta.inner_loop import AdaptedPolicy, InnerLoop, adapt_for, flatten, gradient, norm, own_weights
from agents.optimiser import FlatAdam, clip
from agents.policies import Policy
from agents.rollout import Decisions, Rollout


class FOMAML(MetaLearner):
    """Adapt to n members, then step along the mean gradient at the adapted weights: 1/n Σ ∇L(θ'ᵢ)."""

    def __init__(self, config: FOMAMLConfig, algorithm: Algorithm, generator: torch.Generator) -> None:
        self.config, self.algorithm, self._generator = config, algorithm, generator
        self._outer: FlatAdam | None = None

    def adapt(self, policy: Policy, weights: Weights, collect: Collect) -> Generator[MemberStep, None, Weights]:
        """Return the weights after `inner_steps` rollouts of one member."""
        inner_loop = InnerLoop(
            policy, weights, self.algorithm, self.config.inner_lr, self._generator, self.clip_gradient
        )
        return (yield from adapt_for(inner_loop, collect, self.config.inner_steps))

    def improve(self, policy: Policy, members: Sequence[Collect]) -> Generator[MemberStep, None, dict[str, float]]:
        """Adapt to each member, collect query rollouts with the adapted weights, and take outer steps on their loss.

        With several minibatches (PPO's epochs) there are several outer steps: as many as the member with the fewest
        minibatches has; the others spread theirs evenly. After θ has moved by d, the adapted weights move by d, too:
        to first order, dθ'/dθ = 1.

        Returns {"gradient": mean 2-norm of the outer gradient over the outer steps}.
        """
        start = {name: weight.clone() for name, weight in own_weights(policy).items()}
        queries = []
        for collect in members:
            adapted = yield from self.adapt(policy, start, collect)
            queries.append((adapted, (yield from self._query(policy, adapted, collect))))
        norms = []
        for batches in zip(*split_minibatches([self._batches(rollouts) for _, rollouts in queries]), strict=True):
            shift = {name: weight - start[name] for name, weight in own_weights(policy).items()}
            outer_gradient = {name: torch.zeros_like(weight) for name, weight in start.items()}
            for (adapted, _), minibatches in zip(queries, batches, strict=True):
                weights = {name: weight + shift[name] for name, weight in adapted.items()}
                decisions = sum(map(len, minibatches)) * len(members)
                for batch in minibatches:
                    for name, batch_gradient in gradient(self.algorithm, policy, weights, batch).items():
                        outer_gradient[name] += batch_gradient * (len(batch) / decisions)
            self._descend(policy, outer_gradient)
            norms.append(norm(outer_gradient))
        return {"gradient": sum(norms) / max(len(norms), 1)}

    def _query(self, policy: Policy, adapted: Weights, collect: Collect) -> Generator[MemberStep, None, list[Rollout]]:
        rollouts = []
        for _ in range(self.config.query_rollouts):
            rollouts.append((yield from collect(AdaptedPolicy(policy, adapted))))
        return rollouts

    def _batches(self, rollouts: Sequence[Rollout]) -> list[Decisions]:
        return [batch for rollout in rollouts for batch in self.algorithm.batches(rollout, self._generator)]

    def _descend(self, policy: Policy, outer_gradient: Weights) -> None:
        if self._outer is None:
            self._outer = FlatAdam(policy)
        self._outer.gather()  # the embedding may have grown since
        self._outer.gradient.copy_(flatten(outer_gradient))
        clip([self._outer.gradient], self.clip_gradient, "meta.outer_lr")
        self._outer.step(self.config.outer_lr)


def split_minibatches(minibatches: Sequence[Sequence[Decisions]]) -> list[list[Sequence[Decisions]]]:
    """Spread each member's minibatches evenly, in order, over as many steps as the member with the fewest has."""
    steps = min(map(len, minibatches))
    return [
        [own[len(own) * step // steps : len(own) * (step + 1) // steps] for step in range(steps)] for own in minibatches
    ]
