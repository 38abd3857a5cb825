from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from agents.benchmarks.digits.sweep import BUDGETS, GRID, settings
from agents.registry import STRATEGIES, names
from agents.rollout import Batch
from agents.supervised.digits import permuted, split
from agents.supervised.network import DigitPolicy, as_observations, as_text
from agents.supervised.sequence import JOINT, Budget, CrossEntropy, DigitAgent, DigitArm, learn

QUICK = Budget(rate=1e-2, epochs=1, minibatch=64, remembered=20)


@pytest.fixture
def policy():
    policy = DigitPolicy(torch.Generator().manual_seed(0))
    policy.add_task(0, ["3", "8"])
    policy.add_task(1, ["0", "1"])
    return policy


def test_each_task_chooses_among_its_own_digits(policy):
    images = torch.randint(17, (2, 64), generator=torch.Generator().manual_seed(1))
    logits = policy(as_observations(images, torch.tensor([0, 1])))[0].logits
    all_logits = policy.output(F.relu(policy.hidden(images / 16)))
    expected = torch.stack([all_logits[0, [3, 8]], all_logits[1, [0, 1]]]).log_softmax(-1)
    torch.testing.assert_close(logits, expected)


def test_an_image_is_encoded_as_text_and_decoded_exactly(policy):
    images = torch.randint(17, (3, 64), generator=torch.Generator().manual_seed(1))
    read = policy.encode([as_text(image) for image in images], [0, 0, 1])
    assert torch.equal(read.prompts.tokens, images)


def test_the_loss_is_cross_entropy(policy):
    images, labels = torch.randint(17, (5, 64)), torch.tensor([0, 1, 1, 0, 1])
    observations, zeros = as_observations(images, torch.zeros(5, dtype=torch.long)), torch.zeros(5)
    batch = Batch(observations, labels, zeros, zeros, zeros)
    expected = F.cross_entropy(policy.output(F.relu(policy.hidden(images / 16)))[:, [3, 8]], labels)
    torch.testing.assert_close(CrossEntropy(QUICK).loss(policy, batch).total, expected)


@pytest.mark.parametrize("strategy", [*names(STRATEGIES), JOINT])
def test_every_strategy_of_the_language_agent_works_on_digits(strategy):
    matrix = learn(DigitArm("split", strategy, {}), 0, QUICK)
    assert matrix.shape == ((2, 5) if strategy == JOINT else (6, 5))
    assert ((matrix >= 0) & (matrix <= 1)).all()


def test_learning_a_sequence_is_repeatable():
    arm = DigitArm("split", "replay", {"batch_size": 8})
    np.testing.assert_array_equal(learn(arm, 1, QUICK), learn(arm, 1, QUICK))


def test_permuted_digits_are_forgotten_without_replay_and_less_with_it():
    budget = replace(BUDGETS["permuted"], epochs=4)
    naive, replay = (learn(DigitArm("permuted", name, {}), 0, budget) for name in ("naive", "replay"))
    assert np.diag(naive[1:]).min() > 0.8
    assert naive[-1].mean() < 0.65
    assert replay[-1].mean() > naive[-1].mean() + 0.15


def test_the_memory_holds_so_many_images_of_each_task():
    agent = DigitAgent(DigitArm("permuted", "naive", {}), permuted(0, validation=True), 0, QUICK)
    agent.train_stage(0, (0,))
    agent.train_stage(1, (1,))
    assert [len(agent.memory.entries(task_id)) for task_id in range(3)] == [20, 20, 0]
    assert set(agent.memory.consolidated(without=1)) == {0}


def test_the_joint_stage_trains_on_every_task():
    agent = DigitAgent(DigitArm("split", JOINT, {}), split(0, validation=True), 0, replace(QUICK, epochs=8))
    agent.train_stage(0, range(5))
    assert min(agent.accuracies()) > 0.8


@pytest.mark.parametrize("sequence", GRID)
def test_the_table_of_settings_was_chosen_from_the_grid(sequence):
    chosen = settings()[sequence]
    assert set(chosen) == set(GRID[sequence])
    assert all(chosen[name] in [dict(row) for row in rows] for name, rows in GRID[sequence].items())
