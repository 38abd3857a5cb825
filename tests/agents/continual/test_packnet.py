import json

import numpy as np
import pytest
import torch

from agents.config import EpisodicConfig, PackNetConfig
from agents.continual.packnet import PackNet
from agents.continual.packs import is_own
from agents.events import MemoryEntry
from agents.memory.episodic import EpisodicMemory
from agents.optimiser import FlatAdam
from agents.state_tree import join, split

TEXTS = ["apple left", "house right", "apple left right"]


@pytest.fixture
def packnet(memory, chance):
    return PackNet(PackNetConfig(share=0.4, retraining=20), memory, chance)


def learn(policy, strategy, column, steps=10):
    """Learn something else in each task."""
    optimiser = FlatAdam(policy)
    for _ in range(steps):
        distribution, values = policy(policy.encode(TEXTS, [column] * 3))
        loss = -distribution.logits[:, column % 2].mean() + (values - column).square().mean()
        optimiser.zero()
        loss.backward()
        strategy.project(policy)
        optimiser.step(1e-2)
        strategy.constrain(policy)


@pytest.fixture
def live(policy, packnet, lived):
    """Live a stage from beginning to end."""

    def lived_through(column, strategy=packnet):
        strategy.begin_task(policy, column)
        learn(policy, strategy, column)
        strategy.end_task(policy, column, lived(policy, TEXTS, column))

    return lived_through


def logits(policy, strategy, column):
    strategy.activate(policy, column)
    with torch.no_grad():
        distribution, values = policy(policy.encode(TEXTS, [column] * 3))
    return distribution.logits.clone(), values.clone()


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_what_was_packed_stays_bit_by_bit_whatever_is_learned_later(policy, packnet, live):
    live(0)
    first = logits(policy, packnet, 0)
    live(1)
    second = logits(policy, packnet, 1)
    packnet.begin_task(policy, 2)
    for _ in range(3):
        learn(policy, packnet, 1)
        assert same(logits(policy, packnet, 0), first)
        assert same(logits(policy, packnet, 1), second)
        packnet.activate(policy, 2)
    assert not same(first, second)


def test_looking_at_another_task_changes_nothing_of_the_running_one(policy, packnet, live):
    live(0)
    packnet.begin_task(policy, 1)
    learn(policy, packnet, 1)
    before = {name: weight.detach().clone() for name, weight in policy.named_parameters()}
    packnet.activate(policy, 0)
    assert any(not torch.equal(weight, before[name]) for name, weight in policy.named_parameters())
    packnet.activate(policy, 1)
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())


def test_a_pack_takes_its_share_of_each_matrix_and_the_largest_of_it(policy, packnet, lived):
    packnet.begin_task(policy, 0)
    learn(policy, packnet, 0)
    before = {name: weight.detach().clone() for name, weight in policy.named_parameters()}
    packnet.config = PackNetConfig(share=0.4, retraining=0)
    packnet.end_task(policy, 0, lived(policy, TEXTS))
    for name, weight in policy.named_parameters():
        if is_own(name, weight):
            assert torch.equal(weight, before[name])
            continue
        kept = before[name].abs().flatten().topk(round(0.4 * weight.numel())).values.min()
        expected = torch.where(before[name].abs() >= kept, before[name], 0.0)
        assert torch.equal(weight, expected)


def test_retraining_brings_decisions_back(policy, packnet, lived):
    packnet.begin_task(policy, 0)
    learn(policy, packnet, 0, steps=40)
    then = policy(policy.encode(TEXTS, [0] * 3))[0].probs.detach()
    slips = []
    saved = packnet.state()
    weights = {name: weight.clone() for name, weight in policy.state_dict().items()}
    for steps in (0, 100):
        packnet.restore(saved)
        policy.load_state_dict(weights)
        packnet.config = PackNetConfig(share=0.3, retraining=steps)
        packnet.end_task(policy, 0, lived(policy, TEXTS))
        now = policy(policy.encode(TEXTS, [0] * 3))[0].probs.detach()
        slips.append(float((then * (then / now).log()).sum()))
    assert slips[1] < 0.2 * slips[0]


def test_a_step_that_moves_what_is_owned_is_taken_back(policy, packnet, live, move):
    live(0)
    first = logits(policy, packnet, 0)
    packnet.begin_task(policy, 1)
    move(policy, 0.1)
    packnet.constrain(policy)
    assert same(logits(policy, packnet, 0), first)


def test_words_met_later_are_free_and_keep_their_first_values(policy, packnet, live):
    live(0)
    first = logits(policy, packnet, 0)
    policy.meet(2, ("left", "right"), ("zebra",))
    born = policy.model.tokens[-1].detach().clone()
    assert same(logits(policy, packnet, 0), first)
    packnet.begin_task(policy, 2)
    assert torch.equal(policy.model.tokens[-1], born)
    live(2)
    assert same(logits(policy, packnet, 0), first)


def test_a_task_that_is_learned_again_gets_another_pack(policy, packnet, live):
    live(0)
    live(1)
    second = logits(policy, packnet, 1)
    live(0)
    assert same(logits(policy, packnet, 1), second)


def test_what_is_saved_wears_and_learns_on_alike(policy, memory, packnet, live):
    live(0)
    packnet.begin_task(policy, 1)
    learn(policy, packnet, 1)
    plain, arrays = split(packnet.state())
    weights = {name: weight.clone() for name, weight in policy.state_dict().items()}
    learn(policy, packnet, 1)
    expected = [logits(policy, packnet, column) for column in (0, 1)]
    other = PackNet(packnet.config, memory, torch.Generator().manual_seed(0))
    other.restore(join(json.loads(json.dumps(plain)), arrays))
    policy.load_state_dict(weights)
    learn(policy, other, 1)
    assert all(same(logits(policy, other, column), expected[column]) for column in (0, 1))


def test_switched_on_in_mid_run_it_packs_what_is_remembered(policy, chance):
    memory = EpisodicMemory(EpisodicConfig(capacity=3), np.random.default_rng(0))
    memory.choose(0, 3, 1)
    memory.write(
        0, [MemoryEntry(id=-1, column=0, text=text, action="north", reward=0.0, step=0) for text in TEXTS], step=0
    )
    then = torch.tensor([[0.9, 0.1], [0.1, 0.9], [0.5, 0.5]])
    memory.settle(0, then, torch.zeros(3))
    packnet = PackNet(PackNetConfig(retraining=200), memory, chance)
    packnet.begin_task(policy, 1)
    first = logits(policy, packnet, 0)
    torch.testing.assert_close(first[0].softmax(-1), then, atol=0.1, rtol=0.0)
    packnet.activate(policy, 1)
    learn(policy, packnet, 1)
    assert same(logits(policy, packnet, 0), first)
