"""The inner loop of meta-learning: adapt a copy of the weights to one member of a task family.

Shapes: B decisions, A actions; P is the number of trainable weights in all tensors together.
"""

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
    """Return the policy's trainable weights, detached but not copied."""
    return {name: weight.detach() for name, weight in policy.named_parameters() if weight.requires_grad}


class AdaptedPolicy(Policy):
    """A policy evaluated with other weights than its own, which do not change."""

    def __init__(self, policy: Policy, weights: Weights) -> None:
        super().__init__()
        self._policy, self._weights = policy, weights

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Raise TypeError: new words need new rows in the policy's own weights."""
        raise TypeError("adapted weights can't learn words; add the task to the policy itself first")

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Encode sentences as the policy does."""
        return self._policy.encode(texts, task_ids)

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return the policy's logits (B, A) and values (B,) with these weights."""
        output: tuple[Categorical, Tensor] = functional_call(self._policy, self._weights, (observations,))
        return output


class Adam:
    """Adam (Kingma & Ba, 2015, algorithm 1) that returns new weights instead of changing them in place."""

    def __init__(self, rate: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = EPSILON) -> None:
        self._rate, self._betas, self._eps = rate, betas, eps
        self._steps = 0
        self._first = self._second = torch.zeros(())

    @torch.no_grad()
    def step(self, weights: Weights, gradients: Weights) -> Weights:
        """Return `weights` after one step along `gradients`."""
        gradient = flatten(gradients)  # (P,)
        self._steps += 1
        beta1, beta2 = self._betas
        self._first = beta1 * self._first.to(gradient) + (1 - beta1) * gradient
        self._second = beta2 * self._second.to(gradient) + (1 - beta2) * gradient**2
        first = self._first / (1 - beta1**self._steps)
        denominator = (self._second / (1 - beta2**self._steps)).sqrt() + self._eps
        return _unflatten(flatten(weights) - self._rate * first / denominator, weights)


class InnerLoop:
    """Adapts weights to one family member by gradient steps."""

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
        self._adam, self._max_norm = Adam(rate), clip_gradient

    @property
    def policy(self) -> Policy:
        """The policy with the current weights."""
        return AdaptedPolicy(self._policy, self.weights)

    def learn(self, rollout: Rollout) -> None:
        """Take a gradient step on each minibatch. Raises NotFinite if gradient or weights are not finite."""
        for batch in self._algorithm.batches(rollout, self._generator):
            vector = flatten(gradient(self._algorithm, self._policy, self.weights, batch))
            clip([vector], self._max_norm, "meta.inner_lr")
            self.weights = self._adam.step(self.weights, _unflatten(vector, self.weights))
        if not torch.isfinite(flatten(self.weights)).all():
            raise NotFinite("adaptation led to weights that are not finite; lower meta.inner_lr")


def adapt_for(inner_loop: InnerLoop, collect: Collect, times: int) -> Generator[MemberStep, None, Weights]:
    """Collect a rollout and learn from it, `times` times; return the adapted weights."""
    for _ in range(times):
        inner_loop.learn((yield from collect(inner_loop.policy)))
    return inner_loop.weights


def gradient(algorithm: Algorithm, policy: Policy, weights: Weights, batch: Decisions) -> Weights:
    """Return the gradient of the loss on `batch` at `weights`."""
    leaves = {name: weight.detach().requires_grad_() for name, weight in weights.items()}
    loss = algorithm.loss(AdaptedPolicy(policy, leaves), batch).total
    gradients = torch.autograd.grad(loss, list(leaves.values()), materialize_grads=True)
    return dict(zip(leaves, gradients, strict=True))


def norm(weights: Weights) -> float:
    """Return the 2-norm of all `weights` together."""
    return float(flatten(weights).norm())


def flatten(weights: Weights) -> Tensor:
    """Concatenate all weights to one vector (P,), on which an optimiser step takes fewer kernels."""
    return torch.cat([weight.flatten() for weight in weights.values()])


def _unflatten(vector: Tensor, like: Weights) -> Weights:
    parts = vector.split([weight.numel() for weight in like.values()])
    return {name: part.view_as(weight) for (name, weight), part in zip(like.items(), parts, strict=True)}
