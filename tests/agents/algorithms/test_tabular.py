"""Learned tables against dynamic programming on the environments' transition tables."""

import gymnasium as gym
import numpy as np
import pytest

from agents.algorithms.q_learning import QLearning
from agents.algorithms.sarsa import Sarsa
from agents.algorithms.tabular import TabularStep
from agents.benchmarks.reference.tabular import learn, play, shape
from agents.config.algorithms import TabularConfig

GAMMA = 0.9
EXPLORE = {"gamma": GAMMA, "exploration_initial_eps": 1.0, "exploration_final_eps": 1.0}


def lake(slippery):
    return gym.make("FrozenLake-v1", is_slippery=slippery, disable_env_checker=True)


def expected(world, next_value):
    """Return the fixed point of value iteration with `next_value(values, state)`; terminal states have value 0."""
    table = world.unwrapped.P
    values = np.zeros(shape(world))
    for _ in range(2_000):
        before = values.copy()
        for state, actions in table.items():
            for action, outcomes in actions.items():
                values[state, action] = sum(
                    probabilities * (reward + GAMMA * (0 if terminated else next_value(before, after)))
                    for probabilities, after, reward, terminated in outcomes
                )
        if np.abs(values - before).max() < 1e-12:
            return values
    raise AssertionError("value iteration did not settle")


def best(values, state):
    return values[state].max()


def mean(values, state):
    return values[state].mean()


def trained(kind, world, steps, **settings):
    learner = kind(shape(world), TabularConfig(**EXPLORE, **settings), np.random.default_rng(0))
    for _ in learn(world, learner, steps, seed=0):
        pass
    return learner


def test_in_a_deterministic_environment_q_learning_finds_the_optimal_values_exactly():
    world = lake(slippery=False)
    learner = trained(QLearning, world, 30_000, alpha=1.0, final_alpha=1.0)
    np.testing.assert_allclose(learner.values, expected(world, best), atol=1e-12)


def test_on_slippery_ice_q_learning_comes_near_the_optimal_values():
    world = lake(slippery=True)
    learner = trained(QLearning, world, 80_000, alpha=0.5, final_alpha=0.01)
    error = np.abs(learner.values - expected(world, best))
    assert error.mean() < 0.035
    assert error.max() < 0.15


def test_sarsa_learns_the_values_of_its_behaviour_policy_and_not_the_optimal_ones():
    world = lake(slippery=True)
    learner = trained(Sarsa, world, 80_000, alpha=0.2, final_alpha=0.01)
    assert np.abs(learner.values - expected(world, mean)).mean() < 0.005
    assert np.abs(learner.values - expected(world, best)).mean() > 0.05


@pytest.mark.parametrize(
    ("kind", "terminated", "value"),
    [(QLearning, False, 0.25 * (1 + 0.9 * 8)), (Sarsa, False, 0.25 * (1 + 0.9 * 3)), (QLearning, True, 0.25)],
)
def test_one_step_updates_one_value_by_the_formula(kind, terminated, value):
    learner = kind((3, 2), TabularConfig(gamma=0.9, alpha=0.25, final_alpha=0.25), np.random.default_rng(0))
    learner.values[2] = (3, 8)
    learner.learn(TabularStep(0, 1, 1.0, 2, 0, terminated))
    assert learner.values[0].tolist() == pytest.approx([0, value])
    assert learner.values[2].tolist() == [3, 8]


@pytest.mark.parametrize(
    ("progress", "epsilon", "alpha"), [(0, 1.0, 0.5), (0.25, 0.55, 0.3), (0.5, 0.1, 0.1), (1, 0.1, 0.1)]
)
def test_both_schedules_decay_linearly_and_then_stay(progress, epsilon, alpha):
    config = TabularConfig(
        alpha=0.5, final_alpha=0.1, exploration_initial_eps=1.0, exploration_final_eps=0.1, decay_fraction=0.5
    )
    learner = QLearning((1, 2), config, np.random.default_rng(0))
    learner.progress = progress
    assert (learner.epsilon, learner.alpha) == (pytest.approx(epsilon), pytest.approx(alpha))


def test_an_empty_table_tries_every_action():
    learner = QLearning(
        (1, 4), TabularConfig(exploration_initial_eps=0.0, exploration_final_eps=0.0), np.random.default_rng(0)
    )
    assert {learner.act(0) for _ in range(100)} == {0, 1, 2, 3}
    learner.values[0, 2] = 1
    assert {learner.act(0) for _ in range(100)} == {2}


@pytest.mark.parametrize("kind", [QLearning, Sarsa])
def test_a_restored_learner_continues_exactly_as_the_one_that_was_saved(kind):
    first = trained(kind, lake(slippery=True), 500)
    second = kind((16, 4), first.config, np.random.default_rng(99))
    second.restore(first.state())
    paths = [[path.states for path in learn(lake(slippery=True), each, 500, seed=3)] for each in (first, second)]
    assert paths[0] == paths[1]
    assert np.array_equal(first.values, second.values)


def test_a_played_episode_has_its_states_and_its_reward():
    (path,) = play(lake(slippery=False), lambda state: 1 if state in (0, 4, 9) else 2, 1, seed=0)
    assert path.states == (0, 4, 8, 9, 13, 14, 15)
    assert path.reward == 1.0


def test_a_world_that_cannot_be_counted_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"needs Discrete states and actions.*Box"):
        shape(gym.make("CartPole-v1"))
