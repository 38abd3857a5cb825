"""Create a policy from its settings, or again from its description."""

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
    """Return the untrained policy that `config` asks for, drawn from `generator`."""
    settings: AnyModelConfig | RandomConfig = config.model
    if isinstance(config.algorithm, RandomConfig):
        settings = config.algorithm  # who acts at random needs no model
    with GENERATOR_LOCK.hold():  # layers of Torch are drawn from its shared generator first
        made: AgentPolicy = resolve_name(POLICIES[type(settings)]).create(settings, generator)
    return made


def policy_from_description(description: Mapping[str, Any]) -> AgentPolicy:
    """Return the policy that `description` tells of; its weights are to be loaded next."""
    kind = names(POLICIES)[description["kind"]]
    with GENERATOR_LOCK.hold():  # as above
        made: AgentPolicy = resolve_name(POLICIES[kind]).from_description(description)
    return made
