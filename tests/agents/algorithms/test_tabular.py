"""Tables against dynamic programming on the worlds' own transition tables."""

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


def expected(world, follow):
    """Sweep `follow(values, state)` over the transition table until nothing moves; where the world ends, 0 follows."""
    table = world.unwrapped.P
    values = np.zeros(shape(world))
    for _ in range(2_000):
        before = values.copy()
        for state, acts in table.items():
            for action, ways in acts.items():
                values[state, action] = sum(
                    probabilities * (reward + GAMMA * (0 if over else follow(before, after)))
                    for probabilities, after, reward, over in ways
                )
        if np.abs(values - before).max() < 1e-12:
            return values
    raise AssertionError("value iteration did not settle")


def best(values, state):
    return values[state].max()


def mean(values, state):
    return values[state].mean()


def live_out(kind, world, steps, **settings):
    learner = kind(shape(world), TabularConfig(**EXPLORE, **settings), np.random.default_rng(0))
    for _ in learn(world, learner, steps, seed=0):
        pass
    return learner


def test_without_chance_q_learning_finds_the_optimal_values_exactly():
    world = lake(slippery=False)
    learner = live_out(QLearning, world, 30_000, alpha=1.0, final_alpha=1.0)
    np.testing.assert_allclose(learner.values, expected(world, best), atol=1e-12)


def test_on_slippery_ice_q_learning_comes_near_the_optimal_values():
    world = lake(slippery=True)
    learner = live_out(QLearning, world, 80_000, alpha=0.5, final_alpha=0.01)
    apart = np.abs(learner.values - expected(world, best))
    assert apart.mean() < 0.035
    assert apart.max() < 0.15


def test_sarsa_learns_what_its_own_wandering_earns_and_not_what_the_best_would():
    world = lake(slippery=True)
    learner = live_out(Sarsa, world, 80_000, alpha=0.2, final_alpha=0.01)
    assert np.abs(learner.values - expected(world, mean)).mean() < 0.005
    assert np.abs(learner.values - expected(world, best)).mean() > 0.05


@pytest.mark.parametrize(
    ("kind", "terminated", "value"),
    [(QLearning, False, 0.25 * (1 + 0.9 * 8)), (Sarsa, False, 0.25 * (1 + 0.9 * 3)), (QLearning, True, 0.25)],
)
def test_one_step_moves_one_number_as_the_formula_says(kind, terminated, value):
    learner = kind((3, 2), TabularConfig(gamma=0.9, alpha=0.25, final_alpha=0.25), np.random.default_rng(0))
    learner.values[2] = (3, 8)
    learner.learn(TabularStep(0, 1, 1.0, 2, 0, terminated))
    assert learner.values[0].tolist() == pytest.approx([0, value])
    assert learner.values[2].tolist() == [3, 8]


@pytest.mark.parametrize(
    ("progress", "epsilon", "alpha"), [(0, 1.0, 0.5), (0.25, 0.55, 0.3), (0.5, 0.1, 0.1), (1, 0.1, 0.1)]
)
def test_both_schedules_fall_in_a_line_and_then_stay(progress, epsilon, alpha):
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
def test_a_restored_learner_goes_on_exactly_as_the_one_that_was_saved(kind):
    first = live_out(kind, lake(slippery=True), 500)
    second = kind((16, 4), first.config, np.random.default_rng(99))
    second.restore(first.state())
    lives = [[path.states for path in learn(lake(slippery=True), each, 500, seed=3)] for each in (first, second)]
    assert lives[0] == lives[1]
    assert np.array_equal(first.values, second.values)


def test_episodes_tell_where_they_led_and_what_they_paid():
    (path,) = play(lake(slippery=False), lambda state: 1 if state in (0, 4, 9) else 2, 1, seed=0)
    assert path.states == (0, 4, 8, 9, 13, 14, 15)
    assert path.reward == 1.0


def test_a_world_that_cannot_be_counted_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"needs Discrete states and actions.*Box"):
        shape(gym.make("CartPole-v1"))
