"""An expert for Gymnasium worlds that hand out their table: value iteration (Bellman, 1957), solved once a world."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.external.checked_env import AnyEnv
from envs.gym_worlds.play import make_gym
from envs.gym_worlds.verbalize import Verbalized

GAMMA = 0.99
"""Discount of future reward: of two ways, the shorter one is the better."""
CLOSE = 1e-6
"""Actions whose worth differs by no more are equally good."""
Worth = NDArray[np.float64]


def best(world: Verbalized) -> tuple[int, ...]:
    """Return every action that is worth the most in the state at hand, time limits left out."""
    inside: Any = world.inside
    row = worth(inside.spec.id)[int(inside.s)]
    return tuple(int(action) for action in np.flatnonzero(row >= row.max() - CLOSE))


@cache
def worth(gym_id: str) -> Worth:
    """Return what each action is worth in each state, (S, A), if the best ones follow."""
    paid, following = _tables(make_gym(gym_id))
    found = np.zeros(paid.shape)
    while True:
        new: Worth = paid + GAMMA * following @ found.max(1)
        if np.abs(new - found).max() < CLOSE / 10:
            return new
        found = new


def _tables(env: AnyEnv) -> tuple[Worth, Worth]:
    """Return the mean reward (S, A), and the probabilities of each next state (S, A, S) where the episode goes on."""
    inner: Any = env.unwrapped
    states, actions = len(inner.P), len(inner.P[0])
    paid, following = np.zeros((states, actions)), np.zeros((states, actions, states))
    for state, row in inner.P.items():
        for action, outcomes in row.items():
            for probabilities, there, reward, ended in outcomes:
                paid[state, action] += probabilities * reward
                following[state, action, there] += probabilities * (not ended)
    return paid, following
