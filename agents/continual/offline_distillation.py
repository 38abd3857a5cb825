"""Distil a policy into other weights after a stage, without an environment."""

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
"""Decisions of each source in a step."""
RATE = 1e-3
"""Step size at the start; it falls to 0."""


@dataclass(frozen=True, slots=True)
class Source:
    """Sentences, and how they are to be decided."""

    observations: Observations
    probabilities: Tensor
    temperature: float = 1.0
    """Flattens both decisions before they are compared, so that unlikely actions count, too."""

    @classmethod
    def from_policy(cls, policy: Policy, observations: Observations, temperature: float = 1.0) -> Source:
        """Return these sentences with what the policy decides now."""
        with torch.no_grad():
            return cls(observations, policy(observations)[0].probs, temperature)

    def divergence(self, policy: Policy, generator: torch.Generator) -> Tensor:
        """Return the mean KL(then ‖ now) of some of them."""
        rows = torch.randint(len(self.observations), (ROWS,), generator=generator).to(self.probabilities.device)
        logits = policy(self.observations[rows])[0].logits
        then = F.pad(self.probabilities[rows], (0, logits.shape[1] - self.probabilities.shape[1]))
        if self.temperature != 1:
            logits = (logits / self.temperature).log_softmax(-1)
            then = (then.log() / self.temperature).softmax(-1)
        return F.kl_div(logits, then, reduction="batchmean")


def last_seen(
    policy: Policy, rollout: Rollout, entries: Sequence[MemoryEntry], temperature: float = 1.0
) -> list[Source]:
    """Return a stage's last sentences, and those that are remembered of it, with what the policy decides now."""
    sources = [Source.from_policy(policy, rollout.observations, temperature)]
    if entries:
        sources.append(Source.from_policy(policy, policy.recall(entries), temperature))
    return sources


def retrain(
    policy: Policy,
    sources: Sequence[Source],
    steps: int,
    amend: Callable[[], None],
    generator: torch.Generator,
    largest: float = math.inf,
) -> Iterator[None]:
    """Take gradient steps towards these decisions, yielding after each.

    `amend` changes each gradient first, to hold what must not move; then its norm is clipped to `largest`. Raises
    NotFinite before a bad gradient can touch the weights.
    """
    optimiser = FlatAdam(policy)
    for step in range(steps):
        loss = torch.stack([source.divergence(policy, generator) for source in sources]).sum()
        optimiser.zero()
        loss.backward()
        amend()
        clip([optimiser.gradient], largest, "learning.learning_rate, or the strategy's strength")
        optimiser.step(RATE * (1 - step / steps))
        yield
