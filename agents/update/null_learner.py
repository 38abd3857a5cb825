"""A learner that changes nothing, for random and fixed policies."""

from __future__ import annotations

from collections.abc import Generator

import torch

from agents.config.algorithms import AlgorithmConfig
from agents.config.learning import LearningConfig
from agents.continual import ContinualStrategy
from agents.policies import Policy
from agents.rollout import Rollout
from agents.state_tree import State


class NullLearner:
    """Ignores every rollout. Base class of learners without gradients."""

    gamma: float | None = None
    """Discount of the returns that scale the rewards; None: rewards are not scaled."""

    def __init__(
        self,
        policy: Policy,
        algorithm: AlgorithmConfig,
        strategy: ContinualStrategy,
        config: LearningConfig,
        generator: torch.Generator,
    ) -> None:
        self.policy, self.strategy, self.config = policy, strategy, config
        self.algorithm = algorithm
        self.total = 1
        """Environment steps of the running stage; may be changed while it runs."""
        self.max_rows: int | None = None
        """Maximum number of decisions in a gradient step; unused without gradients."""

    def begin_stage(self, total_steps: int) -> None:
        """Start a stage of `total_steps` environment steps."""
        self.total = max(total_steps, 1)

    def behaviour(self) -> Policy:
        """Return the behaviour policy, which collects rollouts."""
        return self.policy

    def change_settings(self, algorithm: AlgorithmConfig, config: LearningConfig) -> None:
        """Apply other settings from the next update on."""
        self.algorithm, self.config = algorithm, config

    def learn(self, rollout: Rollout, steps_done: int) -> Generator[None, None, dict[str, float]]:
        """Yield once and return no metrics."""
        yield
        return {}

    def state(self) -> State:
        """Return the learner's state."""
        return {"total": self.total}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self.total = state["total"]
