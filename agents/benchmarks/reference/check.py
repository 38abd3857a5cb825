"""The comparison of a formula with an independent computation, and decisions of a small network to compare on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from agents.rollout import Batch
from agents.supervised.network import DigitPolicy, as_observations

EXACT, CLOSE, DIFFERENT = 1e-9, 1e-6, 1e-3


@dataclass(frozen=True, slots=True)
class Check:
    """The largest difference of a formula from its reference, and that of a formula with a deliberate mistake."""

    difference: float
    mistaken: float
    against: str
    mistake: str
    tolerance: float = CLOSE


def decisions() -> tuple[DigitPolicy, Batch]:
    """Return a network in double precision, and a batch of 64 decisions of a slightly different policy."""
    generator = torch.Generator().manual_seed(0)
    policy = DigitPolicy(generator).double()
    policy.add_task(0, [str(digit) for digit in range(10)])
    count = 64
    observations = as_observations(
        torch.randint(17, (count, 64), generator=generator), torch.zeros(count, dtype=torch.long)
    )
    actions = torch.randint(10, (count,), generator=generator)
    with torch.no_grad():
        policy.output.weight *= 5
    log_probs = policy(observations)[0].log_prob(actions).detach()  # (64,)
    old_log_probs = log_probs + 0.4 * torch.randn(count, generator=generator, dtype=torch.float64)
    advantages, returns = (torch.randn(count, generator=generator, dtype=torch.float64) for _ in range(2))
    return policy, Batch(observations, actions, old_log_probs, advantages, returns)


def max_difference(actual: Tensor, expected: Tensor) -> float:
    """Return the largest absolute difference of any element; both tensors have the same shape."""
    return float((actual.detach().double() - expected.detach().double()).abs().max())
