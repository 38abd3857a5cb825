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
    """The interface of learners: update a policy from rollouts, and provide the policy that collects them."""

    policy: Policy
    strategy: ContinualStrategy
    config: LearningConfig
    total: int
    """Environment steps of the running stage; may be changed while it runs."""
    max_rows: int | None
    """Maximum number of decisions in a gradient step, set after memory ran out; None: unlimited."""

    @property
    def gamma(self) -> float | None:
        """Discount of the returns that scale the rewards; None: rewards are not scaled."""

    def begin_stage(self, total_steps: int) -> None:
        """Start a stage of `total_steps` environment steps."""

    def behaviour(self) -> Policy:
        """Return the behaviour policy, which collects rollouts."""

    def change_settings(self, algorithm: AlgorithmConfig, config: LearningConfig) -> None:
        """Apply other settings from the next update on."""

    def learn(self, rollout: Rollout, steps_done: int) -> Generator[None, None, dict[str, float]]:
        """Update the policy from `rollout`, yielding in between; return metrics by name."""

    def state(self) -> State:
        """Return the learner's state, without the policy."""

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned; the policy must have been restored before."""


def learner(
    algorithm: AlgorithmConfig,
    policy: Policy,
    strategy: ContinualStrategy,
    config: LearningConfig,
    generator: torch.Generator,
) -> AnyLearner:
    """Return the learner for `algorithm`: a gradient learner gets the built algorithm, any other its settings."""
    class_path = learner_of(algorithm)
    configured = build(algorithm) if class_path == GRADIENTS else algorithm
    created: AnyLearner = resolve_name(class_path)(policy, configured, strategy, config, generator)
    return created
