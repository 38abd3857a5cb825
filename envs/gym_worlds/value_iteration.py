"""An expert for Gymnasium environments with a transition table: value iteration (Bellman, 1957), once an environment.

S is the number of states, A of actions.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.external.checked_env import AnyEnv
from envs.gym_worlds.play import make_gym
from envs.gym_worlds.verbalize import Verbalized

GAMMA = 0.99
"""Discount factor: makes the shorter of two solutions the better one."""
TOLERANCE = 1e-6
"""Largest difference in value between actions that count as equally good."""
QValues = NDArray[np.float64]


def best(world: Verbalized) -> tuple[int, ...]:
    """Return every action of maximal value in the current state, regardless of the step limit."""
    inside: Any = world.inside
    row = q_values(inside.spec.id)[int(inside.s)]  # (A,)
    return tuple(int(action) for action in np.flatnonzero(row >= row.max() - TOLERANCE))


@cache
def q_values(gym_id: str) -> QValues:
    """Return the optimal action values Q*(s, a), (S, A)."""
    rewards, transitions = _tables(make_gym(gym_id))
    q = np.zeros(rewards.shape)
    while True:
        new: QValues = rewards + GAMMA * transitions @ q.max(1)  # Bellman optimality update: (S, A, S) @ (S,)
        if (
            np.abs(new - q).max() < TOLERANCE / 10
        ):  # converged well below the tolerance, so that ties of actions are found
            return new
        q = new


def _tables(env: AnyEnv) -> tuple[QValues, QValues]:
    """Return expected rewards (S, A) and transition probabilities (S, A, S), zero for transitions that terminate."""
    inner: Any = env.unwrapped
    states, actions = len(inner.P), len(inner.P[0])
    rewards, transitions = np.zeros((states, actions)), np.zeros((states, actions, states))
    for state, row in inner.P.items():
        for action, outcomes in row.items():
            for probability, next_state, reward, terminated in outcomes:
                rewards[state, action] += probability * reward
                transitions[state, action, next_state] += probability * (not terminated)  # no value beyond the end
    return rewards, transitions
