"""Create a policy from its settings, or rebuild it from its description."""

from __future__ import annotations

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

import torch

from agents.config import RunConfig
from agents.config.agent import AnyModelConfig
from agents.config.algorithms import RandomConfig
from agents.policies import AgentPolicy
from agents.registry import POLICIES, names
from envs.external.global_generators import GENERATOR_LOCK


def initial_policy(config: RunConfig, generator: torch.Generator) -> AgentPolicy:
    """Return the untrained policy of a run's settings, drawn from `generator`."""
    settings: AnyModelConfig | RandomConfig = config.model
    if isinstance(config.algorithm, RandomConfig):
        settings = config.algorithm  # a random agent has no model
    with GENERATOR_LOCK.hold():  # torch's layers draw from its global generator
        policy: AgentPolicy = resolve_name(POLICIES[type(settings)]).create(settings, generator)
    return policy


def policy_from_description(description: Mapping[str, Any]) -> AgentPolicy:
    """Rebuild the policy of a `description`; its weights are loaded afterwards."""
    kind = names(POLICIES)[description["kind"]]
    with GENERATOR_LOCK.hold():  # as above
        policy: AgentPolicy = resolve_name(POLICIES[kind]).from_description(description)
    return policy
