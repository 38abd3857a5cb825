"""Evaluate a policy on CartPole: its mean return over the same episodes for every learner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

WORLD = "CartPole-v1"
LONGEST = 500
"""Steps after which the time limit ends an episode: the greatest return there is."""
EPISODES = 20
"""Episodes of a look; always the same ones."""
EVERY = 2_500
"""Steps of learning between two looks."""

Numbers = NDArray[np.float32]
Decide = Callable[[Numbers], Sequence[int] | NDArray[np.int64]]
"""From (B, 4) observations to B actions."""


@dataclass(frozen=True, slots=True)
class CartPoleScore:
    """How well a learner balanced without trials, and what it had lived until then."""

    steps: int
    episodes: int
    value: float


def score_cartpole(decide: Decide) -> float:
    """Return the mean return of `EPISODES` episodes, side by side."""
    worlds = [gym.make(WORLD, disable_env_checker=True) for _ in range(EPISODES)]
    seen = {number: world.reset(seed=10_000 + number)[0] for number, world in enumerate(worlds)}
    paid = 0.0
    while seen:
        actions = decide(np.stack(list(seen.values())).astype(np.float32))
        for number, action in zip(tuple(seen), actions, strict=True):
            seen[number], reward, terminated, truncated, _ = worlds[number].step(int(action))
            paid += float(reward)
            if terminated or truncated:
                del seen[number]
    return paid / EPISODES
