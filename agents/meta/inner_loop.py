"""The inner loop of meta-learning: adapt a copy of the weights to one task of a family."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence

import torch
from torch import Tensor
from torch.distributions import Categorical
from torch.func import functional_call

from agents.algorithms import Algorithm
from agents.errors import NotFinite
from agents.meta import Collect, MemberStep, Weights
from agents.optimiser import EPSILON, clip
from agents.policies import Observations, Policy
from agents.rollout import Decisions, Rollout


def own_weights(policy: Policy) -> Weights:
    """Return the policy's trainable weights themselves, detached."""
    return {name: weight.detach() for name, weight in policy.named_parameters() if weight.requires_grad}


class AdaptedPolicy(Policy):
    """A policy with other weights in place of its own, which stay as they are."""

    def __init__(self, policy: Policy, weights: Weights) -> None:
        super().__init__()
        self._policy, self._weights = policy, weights

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Refuse: a new word would need a row in weights that are not the policy's own."""
        raise TypeError("adapted weights can't learn words; let the policy itself meet the task first")

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Prepare sentences."""
        return self._policy.encode(texts, task_ids)

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Decide as the policy would with these weights."""
        decided: tuple[Categorical, Tensor] = functional_call(self._policy, self._weights, (observations,))
        return decided


class Adam:
    """Adam (Kingma & Ba, 2015) as a function: it returns new weights and leaves the old ones alone."""

    def __init__(self, rate: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = EPSILON) -> None:
        self._rate, self._betas, self._eps = rate, betas, eps
        self._steps = 0
        self._first = self._second = torch.zeros(())

    @torch.no_grad()
    def step(self, weights: Weights, gradients: Weights) -> Weights:
        """Return `weights` moved against `gradients`."""
        gradient = flat(gradients)
        self._steps += 1
        fade_first, fade_second = self._betas
        self._first = fade_first * self._first.to(gradient) + (1 - fade_first) * gradient
        self._second = fade_second * self._second.to(gradient) + (1 - fade_second) * gradient**2
        first = self._first / (1 - fade_first**self._steps)
        spread = (self._second / (1 - fade_second**self._steps)).sqrt() + self._eps
        return _shaped(flat(weights) - self._rate * first / spread, weights)


class InnerLoop:
    """Adapts to one member of a family, starting from given weights."""

    def __init__(
        self,
        policy: Policy,
        weights: Weights,
        algorithm: Algorithm,
        rate: float,
        generator: torch.Generator,
        clip_gradient: float = math.inf,
    ) -> None:
        self.weights = weights
        self._policy, self._algorithm, self._generator = policy, algorithm, generator
        self._adam, self._largest = Adam(rate), clip_gradient

    @property
    def policy(self) -> Policy:
        """What it has become so far."""
        return AdaptedPolicy(self._policy, self.weights)

    def learn(self, rollout: Rollout) -> None:
        """Take every gradient step that `rollout` affords. Raises NotFinite if gradient or weights blow up."""
        for batch in self._algorithm.batches(rollout, self._generator):
            slope = flat(gradient(self._algorithm, self._policy, self.weights, batch))
            clip([slope], self._largest, "meta.inner_lr")
            self.weights = self._adam.step(self.weights, _shaped(slope, self.weights))
        if not torch.isfinite(flat(self.weights)).all():
            raise NotFinite("adaptation led to weights that are not numbers; lower meta.inner_lr")


def adapt_for(pupil: InnerLoop, collect: Collect, times: int) -> Generator[MemberStep, None, Weights]:
    """Let `pupil` live and learn so many times; return its weights."""
    for _ in range(times):
        pupil.learn((yield from collect(pupil.policy)))
    return pupil.weights


def gradient(algorithm: Algorithm, policy: Policy, weights: Weights, batch: Decisions) -> Weights:
    """Return the slope of the loss on `batch` at `weights`."""
    leaves = {name: weight.detach().requires_grad_() for name, weight in weights.items()}
    loss = algorithm.loss(AdaptedPolicy(policy, leaves), batch).total
    slopes = torch.autograd.grad(loss, list(leaves.values()), materialize_grads=True)
    return dict(zip(leaves, slopes, strict=True))


def length(weights: Weights) -> float:
    """Return the length of the vector that `weights` make."""
    return float(flat(weights).norm())


def flat(weights: Weights) -> Tensor:
    """Lay weights side by side: one long vector takes a step sooner than thirty short ones."""
    return torch.cat([weight.flatten() for weight in weights.values()])


def _shaped(vector: Tensor, like: Weights) -> Weights:
    parts = vector.split([weight.numel() for weight in like.values()])
    return {name: part.view_as(weight) for (name, weight), part in zip(like.items(), parts, strict=True)}
