import numpy as np
import pytest
import torch

from agents.replay.n_step import NStepReturns
from agents.replay.prioritised import EPSILON, PrioritisedBuffer
from agents.replay.sum_tree import SumTree
from agents.replay.uniform import ReplayBuffer

KINDS = [ReplayBuffer, PrioritisedBuffer]


def filled(kind, steps, capacity=8, seed=0):
    buffer = kind(capacity, 2, np.random.default_rng(seed))
    for number in range(steps):
        observation = np.full(2, number, dtype=np.float32)
        buffer.write(observation, number % 3, float(number), observation + 1, 0.9)
    return buffer


@pytest.mark.parametrize("kind", KINDS)
def test_the_newest_transition_replaces_the_oldest(kind):
    buffer = filled(kind, 11)
    batch = buffer.batch(np.arange(8))
    assert len(buffer) == 8
    assert batch.rewards.tolist() == [8, 9, 10, 3, 4, 5, 6, 7]
    assert torch.equal(batch.next_observations, batch.observations + 1)
    assert batch.actions.tolist() == [2, 0, 1, 0, 1, 2, 0, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_only_written_transitions_are_drawn(kind):
    buffer = filled(kind, 3, capacity=100)
    assert set(buffer.sample(500).rows.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps", [5, 11])
def test_a_restored_buffer_draws_and_overwrites_as_the_one_that_was_saved(kind, steps):
    first, second = filled(kind, steps), kind(8, 2, np.random.default_rng(99))
    first.update_priorities(np.array([1, 3]), np.array([5.0, 0.1], dtype=np.float32))
    second.restore(first.state())
    for _ in range(3):
        draws = [buffer.sample(6, beta=0.5) for buffer in (first, second)]
        assert np.array_equal(draws[0].rows, draws[1].rows)
        assert torch.equal(draws[0].weights, draws[1].weights)
        assert torch.equal(draws[0].transitions.rewards, draws[1].transitions.rewards)
        for buffer in (first, second):
            buffer.write(np.zeros(2, dtype=np.float32), 0, -1.0, np.zeros(2, dtype=np.float32), 0.0)


def test_uniform_draws_are_uniform():
    counts = np.bincount(filled(ReplayBuffer, 8).sample(80_000).rows, minlength=8)
    assert np.abs(counts / 80_000 - 1 / 8).max() < 0.005


TD_ERRORS = np.array([0.0, 1, 2, 3, 0.5, 8, 1, 4], dtype=np.float32)


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_transitions_are_drawn_with_the_probabilities_of_the_paper(alpha):
    buffer = PrioritisedBuffer(8, 2, np.random.default_rng(0), alpha)
    nothing = np.zeros(2, dtype=np.float32)
    for number in range(8):
        buffer.write(nothing, 0, float(number), nothing, 0.9)
    buffer.update_priorities(np.arange(8), TD_ERRORS)
    probabilities = (np.abs(TD_ERRORS) + EPSILON) ** alpha
    probabilities /= probabilities.sum()
    counts = sum(np.bincount(buffer.sample(1_000).rows, minlength=8) for _ in range(200))
    assert np.abs(counts / counts.sum() - probabilities).max() < 0.003
    drawn = buffer.sample(64, beta=0.7)
    expected = (8 * probabilities[drawn.rows]) ** -0.7
    np.testing.assert_allclose(drawn.weights.numpy(), expected / expected.max(), rtol=1e-5)


def test_a_new_transition_has_the_largest_priority_so_far():
    buffer = filled(PrioritisedBuffer, 4)
    buffer.update_priorities(np.arange(4), np.array([1, 7, 2, 1], dtype=np.float32))
    filled_row = buffer.write(np.zeros(2, dtype=np.float32), 0, 0.0, np.zeros(2, dtype=np.float32), 0.0)
    leaves = buffer.state()["leaves"]
    assert leaves[filled_row] == leaves[:4].max()


@pytest.mark.parametrize("size", [1, 2, 5, 64, 100])
def test_a_sum_tree_finds_what_a_running_sum_finds(size):
    rng = np.random.default_rng(size)
    tree, weights = SumTree(size), np.zeros(size)
    for _ in range(5):
        rows = rng.permutation(size)[: max(1, size // 2)]
        weights[rows] = rng.random(len(rows)) + 0.01
        tree.update(rows, weights[rows])
    assert tree.total == pytest.approx(weights.sum(), rel=1e-12)
    np.testing.assert_array_equal(tree.leaves, weights)
    positions = rng.random(200) * tree.total
    np.testing.assert_array_equal(tree.find(positions), np.searchsorted(weights.cumsum(), positions, side="right"))


def test_a_position_past_the_end_selects_no_empty_leaf():
    tree = SumTree(5)
    tree.update(np.array([0, 2]), np.array([1.0, 2.0]))
    assert tree.find(np.array([3.0, 3.5, 0.0])).tolist() == [2, 2, 0]


def n_step_transitions(steps, rewards, ending):
    adder = NStepReturns(steps, 0.5)
    found = []
    for number, reward in enumerate(rewards):
        ended = number == len(rewards) - 1 and ending is not None
        observation = np.array([number], dtype=np.float32)
        found += adder.add(
            (observation, number, reward), observation + 1, terminated=ended and ending == "end", ended=ended
        )
    return [
        (transition.action, transition.reward, int(transition.next_observation[0]), transition.discount)
        for transition in found
    ]


@pytest.mark.parametrize(
    ("steps", "ending", "expected"),
    [
        (1, None, [(0, 1, 1, 0.5), (1, 2, 2, 0.5), (2, 4, 3, 0.5)]),
        (2, None, [(0, 2, 2, 0.25), (1, 4, 3, 0.25)]),
        (2, "end", [(0, 2, 2, 0.25), (1, 4, 3, 0), (2, 4, 3, 0)]),
        (3, "limit", [(0, 3, 3, 0.125), (1, 4, 3, 0.25), (2, 4, 3, 0.5)]),
    ],
)
def test_rewards_of_n_steps_are_summed_and_an_episodes_end_completes_shorter_ones(steps, ending, expected):
    assert n_step_transitions(steps, [1.0, 2.0, 4.0], ending) == expected
