"""A reward threshold for longer episodes than the lab's is scaled down, so that a perfect player scores 1."""

import gymnasium as gym
import pytest
from gymnasium import spaces

from envs.external.checked_env import take_warnings
from envs.gym_worlds.play import random_play
from envs.gym_worlds.reward_threshold import SCALED_GOAL_WARNING, shortened_goal
from envs.options import GymOptions
from envs.task import Task


class Paying(gym.Env):
    """Action 1 earns `pay`, for as long as the episode lasts."""

    metadata = {"render_modes": []}  # noqa: RUF012 - Gymnasium declares it a plain dict
    observation_space, action_space = spaces.Discrete(2), spaces.Discrete(2)

    def __init__(self, pay=1.0):
        self.pay = pay

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        return int(action), self.pay * int(action), False, False, {}


@pytest.fixture
def world():
    """Registers the environment with a goal, and makes it under a limit."""

    def make(threshold, own_limit, limit, pay=1.0, **options):
        gym.register(
            "Paying-v0",
            entry_point=Paying,
            reward_threshold=threshold,
            max_episode_steps=own_limit,
            kwargs={"pay": pay},
        )
        random_play.cache_clear()
        take_warnings()
        return Task(key="gym:Paying-v0", options={"max_episode_steps": limit, **options}).make()

    yield make
    gym.registry.pop("Paying-v0", None)
    random_play.cache_clear()


def score(world, steps):
    """Return the score of a player that earns `pay` in the first `steps` steps of an episode."""
    world.reset(seed=0)
    info, step = {}, 0
    while not info:
        *_, info = world.step(int(step < steps))
        step += 1
    return info["score"]


@pytest.mark.parametrize("limit", [50, 200, 474])
def test_the_highest_possible_return_scores_1_and_the_scaling_is_reported(world, limit):
    env = world(475, 500, limit)
    assert score(env, limit) == 1.0
    assert score(env, limit * 3 // 4) < 0.6
    (text,) = {
        warning.message.format(**warning.arguments)
        for warning in take_warnings()
        if warning.message == SCALED_GOAL_WARNING
    }
    assert text.startswith(f"Paying-v0 has a goal of 475 in 500 steps, and {limit} steps can't reach it")


@pytest.mark.parametrize(
    ("threshold", "own_limit", "limit", "pay", "options"),
    [
        (475, 500, 500, 1.0, {}),
        (150, 500, 200, 1.0, {}),
        (475, 500, 200, 3.0, {}),
        (475, 500, 200, -1.0, {}),
        (-100, 500, 200, -1.0, {"low": -300}),
        (475, 500, 200, 1.0, {"high": 180}),
        (475, None, 200, 1.0, {}),
    ],
)
def test_any_other_goal_stays_as_it_is(world, threshold, own_limit, limit, pay, options):
    env = world(threshold, own_limit, limit, pay, **options)
    assert env._high == options.get("high", threshold)
    assert not [warning for warning in take_warnings() if warning.message == SCALED_GOAL_WARNING]


def test_the_note_on_the_goal_needs_no_environment(world):
    world(475, 500, 200)
    goal = shortened_goal("Paying-v0", GymOptions())
    assert goal.template_arguments(200) == {"goal": "475", "own": "500", "limit": "200", "high": "190"}
    assert shortened_goal("CartPole-v1", GymOptions()) is None
    assert shortened_goal("Nothing-v0", GymOptions()) is None
