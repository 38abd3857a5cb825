"""First-order MAML (Finn, Abbeel & Levine, 2017, algorithm 3 without its second derivatives)."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch

from agents.algorithms import Algorithm
from agents.config.algorithms import FOMAMLConfig
from agents.meta import Collect, MemberStep, MetaLearner, Weights
from agents.meta.inner_loop import AdaptedPolicy, InnerLoop, adapt_for, flat, gradient, length, own_weights
from agents.optimiser import FlatAdam, clip
from agents.policies import Policy
from agents.rollout import Decisions, Rollout


class FOMAML(MetaLearner):
    """Adapt to some members, then follow the slope that the loss has there: 1/n Σ ∇L(θ'ᵢ)."""

    def __init__(self, config: FOMAMLConfig, algorithm: Algorithm, generator: torch.Generator) -> None:
        self.config, self.algorithm, self._generator = config, algorithm, generator
        self._outer: FlatAdam | None = None

    def adapt(self, policy: Policy, weights: Weights, collect: Collect) -> Generator[MemberStep, None, Weights]:
        """Return the weights after `inner_steps` rollouts of one member."""
        pupil = InnerLoop(policy, weights, self.algorithm, self.config.inner_lr, self._generator, self.clip_gradient)
        return (yield from adapt_for(pupil, collect, self.config.inner_steps))

    def improve(self, policy: Policy, members: Sequence[Collect]) -> Generator[MemberStep, None, dict[str, float]]:
        """Adapt to each member, live on with the adapted weights, and step against the mean of the slopes found there.

        An algorithm that uses experience several times (PPO's epochs) takes several outer
        steps: as many as the member with the fewest minibatches has, over which each deals out its own. When θ has
        moved by d, so have the adapted weights: to first order, dθ'/dθ is 1.
        """
        start = {name: weight.clone() for name, weight in own_weights(policy).items()}
        queries = []
        for collect in members:
            adapted = yield from self.adapt(policy, start, collect)
            queries.append((adapted, (yield from self._query(policy, adapted, collect))))
        lengths = []
        for batches in zip(*dealt([self._batches(rollouts) for _, rollouts in queries]), strict=True):
            moved = {name: weight - start[name] for name, weight in own_weights(policy).items()}
            slope = {name: torch.zeros_like(weight) for name, weight in start.items()}
            for (adapted, _), own in zip(queries, batches, strict=True):
                here = {name: weight + moved[name] for name, weight in adapted.items()}
                decisions = sum(map(len, own)) * len(members)
                for batch in own:
                    for name, part in gradient(self.algorithm, policy, here, batch).items():
                        slope[name] += part * (len(batch) / decisions)
            self._descend(policy, slope)
            lengths.append(length(slope))
        return {"gradient": sum(lengths) / max(len(lengths), 1)}

    def _query(self, policy: Policy, adapted: Weights, collect: Collect) -> Generator[MemberStep, None, list[Rollout]]:
        rollouts = []
        for _ in range(self.config.query_rollouts):
            rollouts.append((yield from collect(AdaptedPolicy(policy, adapted))))
        return rollouts

    def _batches(self, rollouts: Sequence[Rollout]) -> list[Decisions]:
        return [batch for rollout in rollouts for batch in self.algorithm.batches(rollout, self._generator)]

    def _descend(self, policy: Policy, slope: Weights) -> None:
        if self._outer is None:
            self._outer = FlatAdam(policy)
        self._outer.gather()  # words may have been learned since
        self._outer.gradient.copy_(flat(slope))
        clip([self._outer.gradient], self.clip_gradient, "meta.outer_lr")
        self._outer.step(self.config.outer_lr)


def dealt(minibatches: Sequence[Sequence[Decisions]]) -> list[list[Sequence[Decisions]]]:
    """Deal each member's minibatches out evenly, in order, over as many steps as the member with the fewest has."""
    steps = min(map(len, minibatches))
    return [
        [own[len(own) * step // steps : len(own) * (step + 1) // steps] for step in range(steps)] for own in minibatches
    ]
