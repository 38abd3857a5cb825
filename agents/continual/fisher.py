"""The diagonal of the Fisher information: how much the policy's distribution depends on each weight.

Shapes: B decisions, A actions; F has the shape of its weight.
"""

from __future__ import annotations

from collections import Counter

import torch
from torch import Tensor

from agents.continual.quadratic_penalty import NamedTensors, penalised_weights
from agents.policies import Observations, Policy

MAX_SUMMED_ACTIONS = 16
"""The expectation is summed exactly over up to this many actions; with more, actions are sampled."""
MIN_MEAN = torch.finfo(torch.float32).eps ** 2
"""A mean squared gradient below this is rounding noise, which must not be scaled up to importance."""


def fisher_diagonal(
    policy: Policy, observations: Observations, samples: int, generator: torch.Generator
) -> NamedTensors:
    """Return E[(∂ log π(a | s) / ∂θ)²] for each weight θ outside of the value head, in the shape of the weight.

    The mean over up to `samples` of the B observations, and for each the sum over actions weighted by their
    probabilities. It is deterministic, unless a decision has more than `MAX_SUMMED_ACTIONS` actions: then one action is
    sampled from the policy for each occurrence of the decision. A tied weight is one weight, with one gradient. Equal
    decisions are computed once, and weighted by their count.
    """
    weights = dict(penalised_weights(policy))
    fisher = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    rows = _subsample(len(observations), samples)
    for row, count in _count_distinct(observations, rows).items():
        decision = observations[torch.tensor([row], device=observations.rows.device)]
        log_probs = policy(decision)[0].logits[0].log_softmax(-1)  # (A,)
        shares = _expected_counts(log_probs.detach().exp(), count, generator) / len(rows)  # (A,)
        # squares of gradients do not add up, so each action needs a backward pass of its own
        for action in shares.nonzero().flatten().tolist():
            gradients = torch.autograd.grad(
                log_probs[action], list(weights.values()), retain_graph=True, allow_unused=True
            )
            for name, gradient in zip(weights, gradients, strict=True):
                if gradient is not None:
                    fisher[name] += shares[action] * gradient**2
    return fisher


def scaled(fisher: NamedTensors) -> NamedTensors:
    """Return F divided by its mean over all weights, each in its shape, so that every task has the same total weight.

    Without it, a nearly deterministic policy has almost no Fisher information and would not be protected. `strength`
    is then the mean coefficient of the penalty: `ewc` applies as much of it as `l2` does, distributed by importance.
    """
    count = sum(values.numel() for values in fisher.values())
    mean = sum(float(values.sum(dtype=torch.float64)) for values in fisher.values()) / max(count, 1)
    return {name: values / max(mean, MIN_MEAN) for name, values in fisher.items()}


def _subsample(length: int, samples: int) -> list[int]:
    """Return up to `samples` of `length` row indices, the same ones in every call.

    Shuffled, because a rollout's rows alternate between its environments: a stride could select only some of them.
    """
    return torch.randperm(length, generator=torch.Generator().manual_seed(0))[:samples].tolist()


def _count_distinct(observations: Observations, rows: list[int]) -> Counter[int]:
    """Return the first row of each distinct decision among `rows`, and how many rows are equal to it."""
    sentences, task_ids = observations.rows.tolist(), observations.task_ids.tolist()
    allowed = None if observations.allowed is None else observations.allowed.tolist()
    first: dict[tuple[int, int, tuple[bool, ...]], int] = {}
    counts: Counter[int] = Counter()
    for row in rows:
        decision = (sentences[row], task_ids[row], () if allowed is None else tuple(allowed[row]))
        counts[first.setdefault(decision, row)] += 1
    return counts


def _expected_counts(probabilities: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return the expected count of each action (A,) in `count` decisions; with too many actions, sampled counts."""
    if int((probabilities > 0).sum()) <= MAX_SUMMED_ACTIONS:
        return count * probabilities
    drawn = torch.multinomial(probabilities.to(generator.device), count, replacement=True, generator=generator)
    return torch.bincount(drawn, minlength=len(probabilities)).to(probabilities)
