"""Off-policy formulas, each beside an independent computation."""

from __future__ import annotations

import math

import torch

from agents.benchmarks.reference.check import Check, apart
from agents.continual.v_trace import v_trace

GAMMA, STEPS, WORLDS = 0.97, 12, 5


def off_policy_targets() -> Check:
    """Equation 1 of Espeholt et al. 2018, a sum of products, written out for each step in plain numbers."""
    generator = torch.Generator().manual_seed(0)

    def numbers(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    log_ratios, rewards, values = (numbers(STEPS, WORLDS) for _ in range(3))
    ended = torch.rand(STEPS, WORLDS, generator=generator) < 0.15
    told = (log_ratios, GAMMA * (1 - ended.double()), rewards, values, numbers(WORLDS))
    ours, theirs, unclipped = v_trace(*told), _by_hand(told, 1.0), _by_hand(told, math.inf)
    return Check(
        max(apart(mine, other) for mine, other in zip(ours, theirs, strict=True)),
        min(apart(mine, other) for mine, other in zip(ours, unclipped, strict=True)),
        "equation 1, a sum of products step by step",
        "ratios that are not clipped",
    )


def _by_hand(told: tuple[torch.Tensor, ...], most: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Return targets and advantages, world by world."""
    targets, advantages = torch.empty_like(told[0]), torch.empty_like(told[0])
    for world in range(WORLDS):
        log_ratios, discounts, rewards, values = (part[:, world].tolist() for part in told[:4])
        values.append(float(told[4][world]))
        trust = [min(math.exp(log_ratio), most) for log_ratio in log_ratios]
        td_errors = [
            trust[step] * (rewards[step] + discounts[step] * values[step + 1] - values[step]) for step in range(STEPS)
        ]
        reached = [
            values[start]
            + sum(
                math.prod(discounts[start:step]) * math.prod(trust[start:step]) * td_errors[step]
                for step in range(start, STEPS)
            )
            for start in range(STEPS)
        ]
        reached.append(values[STEPS])
        targets[:, world] = torch.tensor(reached[:-1], dtype=torch.float64)
        for step in range(STEPS):
            following = rewards[step] + discounts[step] * reached[step + 1]
            advantages[step, world] = trust[step] * (following - values[step])
    return targets, advantages
