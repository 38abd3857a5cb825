"""Distil a policy into other weights after a stage, without an environment.

Shapes: M stored decisions, B sampled ones (`ROWS`), A actions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.events import MemoryEntry
from agents.optimiser import FlatAdam, clip
from agents.policies import Observations, Policy
from agents.rollout import Rollout

ROWS = 256
"""B, decisions drawn from each source for a gradient step."""
LEARNING_RATE = 1e-3
"""At the first step; it falls linearly to 0."""


@dataclass(frozen=True, slots=True)
class Source:
    """A distillation data set: observations and the action probabilities to reproduce."""

    observations: Observations
    """M decisions."""
    probabilities: Tensor
    """(M, A') of the teacher, over as many actions as were known when it was evaluated."""
    temperature: float = 1.0
    """Applied to teacher and student; above 1, unlikely actions contribute more."""

    @classmethod
    def from_policy(cls, policy: Policy, observations: Observations, temperature: float = 1.0) -> Source:
        """Return these observations with the probabilities that the policy assigns now."""
        with torch.no_grad():
            return cls(observations, policy(observations)[0].probs, temperature)

    def divergence(self, policy: Policy, generator: torch.Generator) -> Tensor:
        """Return the mean of KL(teacher ‖ policy) over B random decisions, a scalar."""
        rows = torch.randint(len(self.observations), (ROWS,), generator=generator).to(self.probabilities.device)
        logits = policy(self.observations[rows])[0].logits  # (B, A), log-probabilities
        teacher = F.pad(self.probabilities[rows], (0, logits.shape[1] - self.probabilities.shape[1]))
        if self.temperature != 1:
            logits = (logits / self.temperature).log_softmax(-1)
            teacher = (teacher.log() / self.temperature).softmax(-1)
        return F.kl_div(logits, teacher, reduction="batchmean")


def stage_sources(
    policy: Policy, rollout: Rollout, entries: Sequence[MemoryEntry], temperature: float = 1.0
) -> list[Source]:
    """Return the observations of a stage's last rollout, and those of its memory entries, labelled by the policy."""
    sources = [Source.from_policy(policy, rollout.observations, temperature)]
    if entries:
        sources.append(Source.from_policy(policy, policy.recall(entries), temperature))
    return sources


def retrain(
    policy: Policy,
    sources: Sequence[Source],
    steps: int,
    edit_gradients: Callable[[], None],
    generator: torch.Generator,
    max_norm: float = math.inf,
) -> Iterator[None]:
    """Minimise the divergence from all sources for a number of gradient steps, yielding after each.

    `edit_gradients` is called after each backward pass, for example to mask frozen weights; then the gradient norm is
    clipped to `max_norm`. Raises NotFinite before a gradient that is not finite can change the weights.
    """
    optimiser = FlatAdam(policy)
    for step in range(steps):
        loss = torch.stack([source.divergence(policy, generator) for source in sources]).sum()
        optimiser.zero_grad()
        loss.backward()
        edit_gradients()
        clip([optimiser.gradient], max_norm, "learning.learning_rate, or the strategy's strength")
        optimiser.step(LEARNING_RATE * (1 - step / steps))
        yield
