"""Multi-task upper bound: rollouts are collected from all tasks at once."""

from __future__ import annotations

from typing import ClassVar

from agents.config.strategies import JointConfig
from agents.continual import ContinualStrategy


class Joint(ContinualStrategy):
    """Multi-task upper bound: every stage collects from the environments of all tasks, so none is forgotten.

    The divisor of advantages has a lower bound relative to the task's returns, after multi-task PopArt (Hessel et al.,
    2019): once a task is learned, its advantages are only noise, which normalisation would scale up.
    """

    config: JointConfig
    collects_from_all_tasks: ClassVar[bool] = True

    @property
    def ent_coef_scale(self) -> float:
        """Factor on the algorithm's entropy coefficient at the start of its schedule, from the current settings."""
        return self.config.ent_coef_scale

    @property
    def min_advantage_scale(self) -> float:
        """Lower bound of the divisor of advantages, from the current settings."""
        return self.config.min_advantage_scale
