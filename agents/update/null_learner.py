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
    """Lives through every rollout and changes nothing. Who learns without gradients begins here."""

    gamma: float | None = None
    """Discount by which rewards are scaled before they are learned from; None: they are taken as they are."""

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
        """Environment steps of the running stage; may change while it goes on."""
        self.max_rows: int | None = None
        """Decisions of one gradient step at most: there are none."""

    def begin_stage(self, total_steps: int) -> None:
        """Start a stage of `total_steps` environment steps."""
        self.total = max(total_steps, 1)

    def behaviour(self) -> Policy:
        """Return the policy as it acts while it learns."""
        return self.policy

    def change_settings(self, algorithm: AlgorithmConfig, config: LearningConfig) -> None:
        """Learn by these settings from now on."""
        self.algorithm, self.config = algorithm, config

    def learn(self, rollout: Rollout, steps_done: int) -> Generator[None, None, dict[str, float]]:
        """Learn nothing."""
        yield
        return {}

    def state(self) -> State:
        """Return all that decides what is learned next."""
        return {"total": self.total}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.total = state["total"]
