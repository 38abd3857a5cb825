"""Training and evaluation episodes of tabular learners."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
from gymnasium import spaces

from agents.algorithms.tabular import Step, TabularLearner

CountedWorld = gym.Env[Any, Any]
"""A Gymnasium environment whose states and actions are numbered from 0."""


@dataclass(frozen=True, slots=True)
class Path:
    """An episode that ended."""

    states: tuple[int, ...]
    """Every state in order, the last one included."""
    reward: float
    """What it paid in all, undiscounted."""


def shape(world: CountedWorld) -> tuple[int, int]:
    """Return how many states and actions `world` has. Raises ValueError if they can't be counted."""
    seen, acts = world.observation_space, world.action_space
    if not (isinstance(seen, spaces.Discrete) and isinstance(acts, spaces.Discrete)):
        raise ValueError(f"a table needs Discrete states and actions, got {seen} and {acts}; use a policy network")
    return int(seen.n), int(acts.n)


def learn(world: CountedWorld, learner: TabularLearner, steps: int, seed: int) -> Generator[Path]:
    """Live `steps` steps from a world reset with `seed`, learning from each; yield each episode that ends.

    Whoever iterates sets the pace; the learner is whole between two episodes.
    """
    done = 0
    state = int(world.reset(seed=seed)[0])
    while done < steps:
        states, paid, over = [state], 0.0, False
        action = learner.act(state)
        while not over and done < steps:
            seen, reward, terminated, truncated, _ = world.step(action)
            done += 1
            learner.progress = done / steps
            following = learner.act(int(seen))
            learner.learn(Step(state, action, float(reward), int(seen), following, terminated))
            state, action, over = int(seen), following, terminated or truncated
            states.append(state)
            paid += float(reward)
        if over:
            yield Path(tuple(states), paid)
            state = int(world.reset()[0])


def play(world: CountedWorld, decide: Callable[[int], int], episodes: int, seed: int) -> list[Path]:
    """Play `episodes` episodes as `decide` says, learning nothing; the same seed brings the same episodes."""
    paths = []
    for number in range(episodes):
        state, over, paid = int(world.reset(seed=seed + number)[0]), False, 0.0
        states = [state]
        while not over:
            seen, reward, terminated, truncated, _ = world.step(decide(state))
            state, over, paid = int(seen), terminated or truncated, paid + float(reward)
            states.append(state)
        paths.append(Path(tuple(states), paid))
    return paths
