"""One formula checked against an independent computation, on the decisions of a small network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from agents.rollout import Batch
from agents.supervised.network import DigitPolicy, as_observations

EXACT, CLOSE, APART = 1e-9, 1e-6, 1e-3


@dataclass(frozen=True, slots=True)
class Check:
    """Two ways to one number: the largest difference between them, and with a mistake made on purpose."""

    difference: float
    mistaken: float
    against: str
    mistake: str
    tolerance: float = CLOSE


def decisions() -> tuple[DigitPolicy, Batch]:
    """Return a network of double precision and decisions of an older one."""
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
    log_probs = policy(observations)[0].log_prob(actions).detach()
    older = log_probs + 0.4 * torch.randn(count, generator=generator, dtype=torch.float64)
    advantages, returns = (torch.randn(count, generator=generator, dtype=torch.float64) for _ in range(2))
    return policy, Batch(observations, actions, older, advantages, returns)


def apart(one: Tensor, other: Tensor) -> float:
    """Return the largest difference of any element."""
    return float((one.detach().double() - other.detach().double()).abs().max())
