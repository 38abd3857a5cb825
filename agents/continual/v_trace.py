"""V-trace (Espeholt et al., 2018): off-policy corrected value targets and advantages."""

from __future__ import annotations

import torch
from torch import Tensor

MOST_TRUSTED = 1.0
"""ρ̄ and c̄: a decision that is likelier now than it was then counts no more than it did."""


def v_trace(
    log_ratios: Tensor, discounts: Tensor, rewards: Tensor, values: Tensor, last_values: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the value targets and the advantages of the policy gradient, (T, N) each; equation 1 and section 4.2.

    `log_ratios` (T, N): how much likelier each decision is now; a step at minus infinity does not count.
    `discounts` (T, N): γ, or 0 where an episode ended; if a time limit ended it, γ times the value of what it cut
    off belongs in `rewards`. `values` (T, N) and, of what follows the last step, `last_values` (N,) are those of now.
    With ratios of 1 the targets are the discounted returns.
    """
    trust = log_ratios.exp().clamp(max=MOST_TRUSTED)
    td_errors = trust * (rewards + discounts * _next(values, last_values) - values)
    corrections = torch.empty_like(td_errors)
    running = torch.zeros_like(last_values)
    for step in reversed(range(len(td_errors))):
        running = td_errors[step] + discounts[step] * trust[step] * running
        corrections[step] = running
    targets = values + corrections
    return targets, trust * (rewards + discounts * _next(targets, last_values) - values)


def _next(worth: Tensor, last: Tensor) -> Tensor:
    return torch.cat([worth[1:], last[None]])
