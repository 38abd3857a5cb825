"""How much decisions depend on each weight: the diagonal of the Fisher information."""

from __future__ import annotations

from collections import Counter

import torch

from agents.continual.springs import Named, held
from agents.policies import Observations, Policy, draw


def fisher_diagonal(policy: Policy, observations: Observations, samples: int, generator: torch.Generator) -> Named:
    """Return the mean squared slope of log π(a | s), actions drawn from the policy.

    Equal decisions have equal gradients, so each is computed once and counted.
    """
    rows = torch.randint(len(observations), (samples,), generator=generator)
    sample = observations[rows.to(observations.rows.device)]
    with torch.no_grad():
        actions = draw(policy(sample)[0], generator)
    decisions = Counter(zip(sample.rows.tolist(), actions.tolist(), strict=True))
    place = {row: i for i, row in enumerate(sample.rows.tolist())}
    weights = dict(held(policy))
    fisher = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for (row, action), count in decisions.items():
        one = sample[torch.tensor([place[row]], device=sample.rows.device)]
        log_prob = policy(one)[0].logits[0].log_softmax(-1)[action]
        gradients = torch.autograd.grad(log_prob, list(weights.values()), allow_unused=True)
        for name, gradient in zip(weights, gradients, strict=True):
            if gradient is not None:
                fisher[name] += count / samples * gradient**2
    return fisher


def scaled(fisher: Named) -> Named:
    """Return importances of which the largest is 1, so that a task counts as much however sure it left the agent."""
    largest = max(float(values.max()) for values in fisher.values())
    return {name: values / max(largest, 1e-12) for name, values in fisher.items()}
