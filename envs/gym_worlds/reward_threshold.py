"""The goal that a Gymnasium environment declares, under a time limit shorter than the one that it is meant for."""

from __future__ import annotations

from dataclasses import dataclass

import gymnasium as gym

from envs.options import GymOptions

SCALED_GOAL_WARNING = (
    "{world} has a goal of {goal} in {own} steps, and {limit} steps can't reach it: here {high} scores 1. Said once."
)
SCALED_GOAL_NOTE = (
    "Its goal is {goal} in {own} steps. Where {limit} steps can't reach that, a return of {high} scores 1."
)


@dataclass(frozen=True, slots=True)
class RewardThreshold:
    """A return that solves an environment, and the steps that it is meant for."""

    threshold: float
    own: int

    def within(self, limit: int) -> float:
        """Return its share for so many steps."""
        return self.threshold * limit / self.own

    def texts(self, limit: int) -> dict[str, str]:
        """Return what the texts above say of it."""
        texts = {"goal": self.threshold, "own": self.own, "limit": limit, "high": self.within(limit)}
        return {name: f"{number:g}" for name, number in texts.items()}


def shortened_goal(gym_id: str, options: GymOptions) -> RewardThreshold | None:
    """Return the goal of an environment whose own time limit is longer than the lab's; None if it is not so.

    Nor if another return was chosen to score 1. Asks the registry only, without an import of the environment.
    """
    from envs.gym_worlds.phrases import phrases  # a hundredth of the window's start, which needs only the texts above

    spec = gym.registry.get(gym_id)
    if spec is None or spec.reward_threshold is None or options.high is not None or phrases(gym_id).high is not None:
        return None
    own = spec.max_episode_steps
    is_longer = own is not None and own > options.max_episode_steps and spec.reward_threshold > 0
    return RewardThreshold(spec.reward_threshold, own) if is_longer and own is not None else None
