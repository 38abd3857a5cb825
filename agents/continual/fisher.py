"""The diagonal of the Fisher information: how much the policy's distribution depends on each weight."""

from __future__ import annotations

from collections import Counter

import torch
from torch import Tensor

from agents.continual.quadratic_penalty import Named, held
from agents.policies import Observations, Policy

LARGEST_MENU = 16
"""Most actions of a decision over which the expectation is summed; beyond that, an action is drawn instead."""
LEAST_MEAN = torch.finfo(torch.float32).eps ** 2
"""Mean squared slope below which there is only rounding, which must not be scaled up to importance."""


def fisher_diagonal(policy: Policy, observations: Observations, samples: int, generator: torch.Generator) -> Named:
    """Return the expectation of (∂ log π(a | s) / ∂θ)² for each weight θ that decides, shaped like the weight.

    The mean over up to `samples` of the observations of the sum over actions by their probabilities: nothing is drawn,
    so equal agents and observations give equal importance. Only where a decision has more than `LARGEST_MENU` actions,
    one is drawn from the policy for each time that the decision was taken. The critic is left out;
    a weight used in two places is one weight, with one slope. Equal decisions are computed once and counted.
    """
    weights = dict(held(policy))
    fisher = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    rows = _chosen(len(observations), samples)
    for row, count in _distinct(observations, rows).items():
        one = observations[torch.tensor([row], device=observations.rows.device)]
        log_probs = policy(one)[0].logits[0].log_softmax(-1)  # (A,)
        shares = _expected(log_probs.detach().exp(), count, generator) / len(rows)
        for action in shares.nonzero().flatten().tolist():
            slopes = torch.autograd.grad(
                log_probs[action], list(weights.values()), retain_graph=True, allow_unused=True
            )
            for name, slope in zip(weights, slopes, strict=True):
                if slope is not None:
                    fisher[name] += shares[action] * slope**2
    return fisher


def scaled(fisher: Named) -> Named:
    """Return importances with a mean of 1 over all weights: a task counts as much however sure it left the agent.

    The trace is divided by the number of weights: `strength` is then the mean stiffness of a spring, and `ewc` spends
    as much of it as `l2` with the same strength, but where it matters.
    """
    count = sum(values.numel() for values in fisher.values())
    mean = sum(float(values.sum(dtype=torch.float64)) for values in fisher.values()) / max(count, 1)
    return {name: values / max(mean, LEAST_MEAN) for name, values in fisher.items()}


def _chosen(length: int, samples: int) -> list[int]:
    """Return up to `samples` of so many rows, always the same ones.

    Shuffled, since a rollout's rows take turns among its worlds: every second row may be every second world.
    """
    return torch.randperm(length, generator=torch.Generator().manual_seed(0))[:samples].tolist()


def _distinct(observations: Observations, rows: list[int]) -> Counter[int]:
    """Return one of these rows for each distinct decision, and how many of them are equal to it."""
    sentences, task_ids = observations.rows.tolist(), observations.task_ids.tolist()
    allowed = None if observations.allowed is None else observations.allowed.tolist()
    first: dict[tuple[int, int, tuple[bool, ...]], int] = {}
    counts: Counter[int] = Counter()
    for row in rows:
        decision = (sentences[row], task_ids[row], () if allowed is None else tuple(allowed[row]))
        counts[first.setdefault(decision, row)] += 1
    return counts


def _expected(probabilities: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return how often each action (A,) is expected in `count` such decisions; of many, how often it was drawn."""
    if int((probabilities > 0).sum()) <= LARGEST_MENU:
        return count * probabilities
    drawn = torch.multinomial(probabilities.to(generator.device), count, replacement=True, generator=generator)
    return torch.bincount(drawn, minlength=len(probabilities)).to(probabilities)
