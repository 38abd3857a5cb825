"""What is written is one of the instructions that make sense now, chosen by the probabilities of the policy."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from agents.instructions import writer_of
from agents.instructions.wrapper import InstructionWrapper
from agents.instructions.writer import InstructionWriter, among, read


@pytest.fixture
def worlds(corridor):
    made = [InstructionWrapper(corridor(), patience=4) for _ in range(6)]
    for seed, world in enumerate(made):
        world.reset(seed=seed)
    return made


def test_odds_among_what_is_allowed_are_a_softmax_over_it():
    rng = np.random.default_rng(0)
    logits, allowed = rng.normal(size=(5, 7)).astype(np.float32), rng.random((5, 7)) < 0.6
    allowed[:, 0] = True
    found = among(logits, allowed)
    for row, may, probabilities in zip(logits, allowed, found, strict=True):
        np.testing.assert_allclose(probabilities[may], log_softmax(row[may]), atol=1e-6)
        assert np.isneginf(probabilities[~may]).all()


def test_each_world_that_waits_is_told_something_that_makes_sense(worlds, policy):
    generator = torch.Generator().manual_seed(0)
    worlds[2].write(0)
    worlds[3].inside.place = 0  # "go to the left" is so already
    written = InstructionWriter(policy, 0, is_random=False).write(worlds, generator)
    assert [one.index for one in written] == [0, 1, 3, 4, 5]
    assert not any(world.is_waiting for world in worlds)
    assert worlds[3].written == "go to the right"
    assert next(one for one in written if one.index == 3).log_prob == pytest.approx(0.0)
    assert InstructionWriter(policy, 0, is_random=False).write(worlds, generator) == []


def test_its_numbers_are_those_of_the_policy(worlds, policy):
    for one in InstructionWriter(policy, 0, is_random=False).write(worlds, torch.Generator().manual_seed(0)):
        distribution, value = policy(policy.encode([one.prompt], [writer_of(0)]))
        probabilities = among(distribution.logits[:, :2].detach().numpy(), one.allowed[None])
        assert one.log_prob == pytest.approx(float(probabilities[0, one.place]), abs=1e-5)
        assert one.value == pytest.approx(value.item(), abs=1e-5)


def test_greedy_writing_takes_the_likeliest_and_chance_takes_all_alike(worlds, policy):
    twice = []
    for seed in (0, 1):
        for world in worlds:
            world.reset(seed=3)
        InstructionWriter(policy, 0, is_random=False).write(worlds, torch.Generator().manual_seed(seed), greedy=True)
        twice.append([world.written for world in worlds])
    assert twice[0] == twice[1]
    for world in worlds:
        world.reset(seed=3)
    random = InstructionWriter(policy, 0, is_random=True).write(worlds, torch.Generator().manual_seed(0))
    assert [one.log_prob for one in random] == pytest.approx([np.log(0.5)] * len(worlds))


def test_a_plain_world_is_read_as_it_is(corridor):
    assert read(corridor(), "as it is") == "as it is"
