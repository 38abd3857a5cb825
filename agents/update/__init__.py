"""The interface of learners: by gradient, by table, or none."""

from __future__ import annotations

from collections.abc import Generator
from pkgutil import resolve_name
from typing import Protocol

import torch

from agents.config.algorithms import AlgorithmConfig
from agents.config.learning import LearningConfig
from agents.continual import ContinualStrategy
from agents.policies import Policy
from agents.registry import GRADIENTS, build, learner_of
from agents.rollout import Rollout
from agents.state_tree import State


class AnyLearner(Protocol):
    """What an agent needs of its learner: it turns rollouts into a better policy, and shows how it acts meanwhile."""

    policy: Policy
    strategy: ContinualStrategy
    config: LearningConfig
    total: int
    """Environment steps of the running stage; may change while it goes on."""
    max_rows: int | None
    """Decisions of one gradient step at most, since memory has run out; None: it never has."""

    @property
    def gamma(self) -> float | None:
        """Discount by which rewards are scaled before they are learned from; None: they are taken as they are."""

    def begin_stage(self, total_steps: int) -> None:
        """Start a stage of `total_steps` environment steps."""

    def behaviour(self) -> Policy:
        """Return the policy as it acts while it learns."""

    def change_settings(self, algorithm: AlgorithmConfig, config: LearningConfig) -> None:
        """Learn by these settings from now on."""

    def learn(self, rollout: Rollout, steps_done: int) -> Generator[None, None, dict[str, float]]:
        """Learn all that `rollout` affords, yielding now and then; return what there is to plot."""

    def state(self) -> State:
        """Return all that decides what is learned next, the policy left out."""

    def restore(self, state: State) -> None:
        """Continue where `state` was taken, with a policy that was restored before."""


def learner(
    algorithm: AlgorithmConfig,
    policy: Policy,
    strategy: ContinualStrategy,
    config: LearningConfig,
    generator: torch.Generator,
) -> AnyLearner:
    """Return the learner that learns by `algorithm`."""
    place = learner_of(algorithm)
    how = build(algorithm) if place == GRADIENTS else algorithm
    made: AnyLearner = resolve_name(place)(policy, how, strategy, config, generator)
    return made
