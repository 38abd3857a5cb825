import pytest
import torch

from agents.config.strategies import PackNetConfig
from agents.continual.packnet import PackNet
from agents.continual.task_weights import is_own


@pytest.fixture
def packnet(memory, rng):
    return PackNet(PackNetConfig(keep_ratio=0.4, post_prune_steps=20), memory, rng)


def test_a_pack_takes_its_share_of_each_matrix_and_the_largest_of_it(policy, packnet, learn, collected, texts):
    packnet.begin_task(policy, 0)
    learn(policy, packnet, 0)
    before = {name: weight.detach().clone() for name, weight in policy.named_parameters()}
    packnet.config = PackNetConfig(keep_ratio=0.4, post_prune_steps=0)
    list(packnet.end_task(policy, 0, collected(policy, texts)))
    for name, weight in policy.named_parameters():
        if is_own(name, weight):
            assert torch.equal(weight, before[name])
            continue
        kept = before[name].abs().flatten().topk(round(0.4 * weight.numel())).values.min()
        expected = torch.where(before[name].abs() >= kept, before[name], 0.0)
        assert torch.equal(weight, expected)


def test_retraining_brings_decisions_back(policy, packnet, learn, collected, texts):
    packnet.begin_task(policy, 0)
    learn(policy, packnet, 0, steps=40)
    then = policy(policy.encode(texts, [0] * 3))[0].probs.detach()
    slips = []
    saved = packnet.state()
    weights = {name: weight.clone() for name, weight in policy.state_dict().items()}
    for steps in (0, 100):
        packnet.restore(saved)
        policy.load_state_dict(weights)
        packnet.config = PackNetConfig(keep_ratio=0.3, post_prune_steps=steps)
        list(packnet.end_task(policy, 0, collected(policy, texts)))
        now = policy(policy.encode(texts, [0] * 3))[0].probs.detach()
        slips.append(float((then * (then / now).log()).sum()))
    assert slips[1] < 0.2 * slips[0]


def test_a_step_that_moves_what_is_owned_is_taken_back(policy, packnet, live, move, answers, same):
    live(packnet, 0)
    first = answers(policy, packnet, 0)
    packnet.begin_task(policy, 1)
    move(policy, 0.1)
    packnet.constrain(policy)
    assert same(answers(policy, packnet, 0), first)


def test_words_met_later_are_free_and_keep_their_first_values(policy, packnet, live, answers, same):
    live(packnet, 0)
    first = answers(policy, packnet, 0)
    policy.add_task(2, ("left", "right"), ("zebra",))
    create = policy.model.tokens[-1].detach().clone()
    assert same(answers(policy, packnet, 0), first)
    packnet.begin_task(policy, 2)
    assert torch.equal(policy.model.tokens[-1], create)
    live(packnet, 2)
    assert same(answers(policy, packnet, 0), first)


def test_a_task_that_is_learned_again_gets_another_pack(policy, packnet, live, answers, same):
    live(packnet, 0)
    live(packnet, 1)
    second = answers(policy, packnet, 1)
    live(packnet, 0)
    assert same(answers(policy, packnet, 1), second)


def test_switched_on_in_mid_run_it_packs_what_is_remembered(policy, rng, learn, answers, same, remembered):
    memory, then = remembered
    packnet = PackNet(PackNetConfig(post_prune_steps=200), memory, rng)
    packnet.begin_task(policy, 1)
    first = answers(policy, packnet, 0)
    torch.testing.assert_close(first[0].softmax(-1), then, atol=0.1, rtol=0.0)
    packnet.activate(policy, 1)
    learn(policy, packnet, 1)
    assert same(answers(policy, packnet, 0), first)
