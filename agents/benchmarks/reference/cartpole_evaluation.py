"""Evaluate a policy on CartPole: its mean return over the same episodes for every learner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

WORLD = "CartPole-v1"
LONGEST = 500
"""Time limit of an episode in steps, and so the maximum return."""
EPISODES = 20
"""Episodes of an evaluation, with fixed seeds."""
EVERY = 2_500
"""Training steps between two evaluations."""

Numbers = NDArray[np.float32]
Decide = Callable[[Numbers], Sequence[int] | NDArray[np.int64]]
"""From (B, 4) observations to B actions."""


@dataclass(frozen=True, slots=True)
class CartPoleScore:
    """Mean return of the greedy policy after so many training steps and training episodes."""

    steps: int
    episodes: int
    value: float


def score_cartpole(decide: Decide) -> float:
    """Return the mean return of `EPISODES` episodes, which run in parallel."""
    worlds = [gym.make(WORLD, disable_env_checker=True) for _ in range(EPISODES)]
    observations = {index: world.reset(seed=10_000 + index)[0] for index, world in enumerate(worlds)}
    total = 0.0
    while observations:
        actions = decide(np.stack(list(observations.values())).astype(np.float32))
        for index, action in zip(tuple(observations), actions, strict=True):
            observations[index], reward, terminated, truncated, _ = worlds[index].step(int(action))
            total += float(reward)
            if terminated or truncated:
                del observations[index]
    return total / EPISODES
