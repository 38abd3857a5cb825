"""A policy's decisions with earlier weights, on current observations."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.distributions import Categorical
from torch.func import functional_call

from agents.policies import Observations, Policy

Weights = Mapping[str, Tensor]


def weights_of(policy: Policy) -> dict[str, Tensor]:
    """Return a copy of every weight as it is now."""
    return {name: weight.detach().clone() for name, weight in policy.named_parameters()}


@torch.no_grad()
def decide_with(policy: Policy, once: Weights, observations: Observations) -> Categorical:
    """Return what `policy` with the weights it had `once` decides; words it had not met it reads as it does now."""
    weights = {name: torch.cat([once[name], weight[len(once[name]) :]]) for name, weight in policy.named_parameters()}
    distribution: Categorical = functional_call(policy, weights, (observations,))[0]
    return distribution
