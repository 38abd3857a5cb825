"""Multi-task upper bound: rollouts are collected from all tasks at once."""

from __future__ import annotations

from typing import ClassVar

from agents.config.strategies import JointConfig
from agents.continual import ContinualStrategy


class Joint(ContinualStrategy):
    """Guards nothing, for nothing is ever left: each stage lives in the worlds of all tasks.

    Advantages are divided by no less than a part of what the task's returns span, after multi-task PopArt (Hessel et
    al., 2019): one that is learned long before the others has only the noise of its values left.
    """

    config: JointConfig
    collects_from_all_tasks: ClassVar[bool] = True

    @property
    def exploration(self) -> float:
        """How many times the algorithm's entropy bonus the schedule begins with, as the settings say now."""
        return self.config.ent_coef_scale

    @property
    def floor(self) -> float:
        """What advantages are divided by at least, as the settings say now."""
        return self.config.min_advantage_scale
