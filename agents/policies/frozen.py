"""Evaluate a policy with earlier weights on current observations. Shapes: B decisions, A actions."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.distributions import Categorical
from torch.func import functional_call

from agents.policies import Observations, Policy

Weights = Mapping[str, Tensor]


def weights_of(policy: Policy) -> dict[str, Tensor]:
    """Return a copy of every weight, by name, each in its own shape."""
    return {name: weight.detach().clone() for name, weight in policy.named_parameters()}


@torch.no_grad()
def decide_with(policy: Policy, earlier: Weights, observations: Observations) -> Categorical:
    """Return the distribution (B, A) of `policy` with `earlier` weights; embedding rows added since stay current."""
    # tensors only ever grow by rows: append the current rows that the earlier tensor lacks
    weights = {
        name: torch.cat([earlier[name], weight[len(earlier[name]) :]]) for name, weight in policy.named_parameters()
    }
    distribution: Categorical = functional_call(policy, weights, (observations,))[0]
    return distribution
