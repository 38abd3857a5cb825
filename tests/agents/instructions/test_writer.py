"""The writer chooses among the feasible instructions by the probabilities of the policy."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from agents.instructions import writer_task_id
from agents.instructions.wrapper import InstructionWrapper
from agents.instructions.writer import InstructionWriter, mask_log_probs, text_for_actor


@pytest.fixture
def worlds(corridor):
    wrappers = [InstructionWrapper(corridor(), max_steps=4) for _ in range(6)]
    for seed, world in enumerate(wrappers):
        world.reset(seed=seed)
    return wrappers


def test_masked_log_probs_are_a_softmax_over_allowed_choices():
    rng = np.random.default_rng(0)
    logits, allowed = rng.normal(size=(5, 7)).astype(np.float32), rng.random((5, 7)) < 0.6
    allowed[:, 0] = True
    masked = mask_log_probs(logits, allowed)
    for row, is_allowed, log_probs in zip(logits, allowed, masked, strict=True):
        np.testing.assert_allclose(log_probs[is_allowed], log_softmax(row[is_allowed]), atol=1e-6)
        assert np.isneginf(log_probs[~is_allowed]).all()


def test_each_waiting_environment_gets_a_feasible_instruction(worlds, policy):
    generator = torch.Generator().manual_seed(0)
    worlds[2].write(0)
    worlds[3].inside.position = 0  # "go to the left" is fulfilled already
    written = InstructionWriter(policy, 0, is_random=False).write(worlds, generator)
    assert [each.index for each in written] == [0, 1, 3, 4, 5]
    assert not any(world.is_waiting for world in worlds)
    assert worlds[3].written == "go to the right"
    assert next(each for each in written if each.index == 3).log_prob == pytest.approx(0.0)
    assert InstructionWriter(policy, 0, is_random=False).write(worlds, generator) == []


def test_log_prob_and_value_are_those_of_the_policy(worlds, policy):
    for instruction in InstructionWriter(policy, 0, is_random=False).write(worlds, torch.Generator().manual_seed(0)):
        distribution, value = policy(policy.encode([instruction.prompt], [writer_task_id(0)]))
        probabilities = mask_log_probs(distribution.logits[:, :2].detach().numpy(), instruction.allowed[None])
        assert instruction.log_prob == pytest.approx(float(probabilities[0, instruction.choice]), abs=1e-5)
        assert instruction.value == pytest.approx(value.item(), abs=1e-5)


def test_greedy_writing_is_deterministic_and_random_writing_uniform(worlds, policy):
    instructions = []
    for seed in (0, 1):
        for world in worlds:
            world.reset(seed=3)
        InstructionWriter(policy, 0, is_random=False).write(worlds, torch.Generator().manual_seed(seed), greedy=True)
        instructions.append([world.written for world in worlds])
    assert instructions[0] == instructions[1]
    for world in worlds:
        world.reset(seed=3)
    random = InstructionWriter(policy, 0, is_random=True).write(worlds, torch.Generator().manual_seed(0))
    assert [each.log_prob for each in random] == pytest.approx([np.log(0.5)] * len(worlds))


def test_the_text_of_an_unwrapped_environment_is_unchanged(corridor):
    assert text_for_actor(corridor(), "as it is") == "as it is"
