"""The reward threshold of a Gymnasium environment, scaled to a step limit shorter than the environment's own."""

from __future__ import annotations

from dataclasses import dataclass

import gymnasium as gym

from envs.options import GymOptions

SCALED_GOAL_WARNING = (
    "{world} has a goal of {goal} in {own} steps, and {limit} steps can't reach it: here {high} scores 1. "
    "Reported once."
)
SCALED_GOAL_NOTE = (
    "Its goal is {goal} in {own} steps. Where {limit} steps can't reach that, a return of {high} scores 1."
)


@dataclass(frozen=True, slots=True)
class RewardThreshold:
    """The return that solves an environment, and the step limit that it is defined for."""

    threshold: float
    own_limit: int

    def scaled_to(self, limit: int) -> float:
        """Return the threshold in proportion to a step limit."""
        return self.threshold * limit / self.own_limit

    def template_arguments(self, limit: int) -> dict[str, str]:
        """Return the arguments of the two templates above."""
        numbers = {"goal": self.threshold, "own": self.own_limit, "limit": limit, "high": self.scaled_to(limit)}
        return {name: f"{number:g}" for name, number in numbers.items()}


def shortened_goal(gym_id: str, options: GymOptions) -> RewardThreshold | None:
    """Return the threshold of an environment whose own step limit is longer than the lab's, else None.

    None, too, if the options or the phrase book set the return that scores 1. Does not import the environment.
    """
    from envs.gym_worlds.phrases import phrases  # 1% of the window's start-up, which needs only the templates

    spec = gym.registry.get(gym_id)
    if spec is None or spec.reward_threshold is None or options.high is not None or phrases(gym_id).high is not None:
        return None
    own_limit = spec.max_episode_steps
    is_longer = own_limit is not None and own_limit > options.max_episode_steps and spec.reward_threshold > 0
    return RewardThreshold(spec.reward_threshold, own_limit) if is_longer and own_limit is not None else None
