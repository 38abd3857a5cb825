"""V-trace (Espeholt et al., 2018): off-policy corrected value targets and advantages.

Shapes: T steps in each of N sequences.
"""

from __future__ import annotations

import torch
from torch import Tensor

MAX_RATIO = 1.0
"""ρ̄ and c̄, the truncation levels of the importance ratios."""


def v_trace(
    log_ratios: Tensor, discounts: Tensor, rewards: Tensor, values: Tensor, last_values: Tensor
) -> tuple[Tensor, Tensor]:
    """Return value targets (equation 1) and policy-gradient advantages (section 4.2), (T, N) each.

    `log_ratios` (T, N): log π(a | s) − log μ(a | s) for the current policy π and the behaviour policy μ; minus infinity
    excludes a step. `discounts` (T, N): γ, or 0 where an episode ended; where it was truncated, `rewards` (T, N) must
    include γ times the value of its last observation. `values` (T, N), and `last_values` (N,) after the last step, are
    those of the current value head. If all ratios are 1, the targets are discounted returns.
    """
    ratios = log_ratios.exp().clamp(max=MAX_RATIO)  # ρ and c, which are equal here
    td_errors = ratios * (rewards + discounts * _next(values, last_values) - values)
    corrections = torch.empty_like(td_errors)
    running = torch.zeros_like(last_values)  # vₜ − V(xₜ) of the next step
    for step in reversed(range(len(td_errors))):
        running = td_errors[step] + discounts[step] * ratios[step] * running
        corrections[step] = running
    targets = values + corrections
    return targets, ratios * (rewards + discounts * _next(targets, last_values) - values)


def _next(values: Tensor, last: Tensor) -> Tensor:
    """Return the values of the following steps, (T, N)."""
    return torch.cat([values[1:], last[None]])
