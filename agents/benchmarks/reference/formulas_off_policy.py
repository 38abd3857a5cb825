"""Off-policy targets (V-trace), compared with an independent computation."""

from __future__ import annotations

import math

import torch

from agents.benchmarks.reference.check import Check, max_difference
from agents.continual.v_trace import v_trace

GAMMA, STEPS, WORLDS = 0.97, 12, 5


def off_policy_targets() -> Check:
    """Equation 1 of Espeholt et al. (2018), a sum of products, written out for each step in plain numbers."""
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    log_ratios, rewards, values = (normal(STEPS, WORLDS) for _ in range(3))
    ended = torch.rand(STEPS, WORLDS, generator=generator) < 0.15
    inputs = (log_ratios, GAMMA * (1 - ended.double()), rewards, values, normal(WORLDS))
    ours, expected, unclipped = v_trace(*inputs), _by_hand(inputs, 1.0), _by_hand(inputs, math.inf)
    return Check(
        max(max_difference(mine, other) for mine, other in zip(ours, expected, strict=True)),
        min(max_difference(mine, other) for mine, other in zip(ours, unclipped, strict=True)),
        "equation 1, a sum of products step by step",
        "ratios that are not clipped",
    )


def _by_hand(inputs: tuple[torch.Tensor, ...], max_ratio: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Return targets and advantages, both (T, N) for T steps in N worlds, world by world.

    `inputs` are log-ratios, discounts, rewards and values, all (T, N), and the values after the last step, (N,).
    """
    targets, advantages = torch.empty_like(inputs[0]), torch.empty_like(inputs[0])
    for world in range(WORLDS):
        log_ratios, discounts, rewards, values = (part[:, world].tolist() for part in inputs[:4])
        values.append(float(inputs[4][world]))
        ratios = [min(math.exp(log_ratio), max_ratio) for log_ratio in log_ratios]
        td_errors = [
            ratios[step] * (rewards[step] + discounts[step] * values[step + 1] - values[step]) for step in range(STEPS)
        ]
        world_targets = [
            values[start]
            + sum(
                math.prod(discounts[start:step]) * math.prod(ratios[start:step]) * td_errors[step]
                for step in range(start, STEPS)
            )
            for start in range(STEPS)
        ]
        world_targets.append(values[STEPS])
        targets[:, world] = torch.tensor(world_targets[:-1], dtype=torch.float64)
        for step in range(STEPS):
            action_value = rewards[step] + discounts[step] * world_targets[step + 1]
            advantages[step, world] = ratios[step] * (action_value - values[step])
    return targets, advantages
