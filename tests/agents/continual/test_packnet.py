import pytest
import torch

from agents.config.strategies import PackNetConfig
from agents.continual.packnet import PackNet
from agents.continual.task_weights import is_task_specific


@pytest.fixture
def packnet(memory, rng):
    return PackNet(PackNetConfig(keep_ratio=0.4, post_prune_steps=20), memory, rng)


def test_pruning_keeps_the_largest_share_of_each_matrix(policy, packnet, learn, collected, texts):
    packnet.begin_task(policy, 0)
    learn(policy, packnet, 0)
    before = {name: weight.detach().clone() for name, weight in policy.named_parameters()}
    packnet.config = PackNetConfig(keep_ratio=0.4, post_prune_steps=0)
    list(packnet.end_task(policy, 0, collected(policy, texts)))
    for name, weight in policy.named_parameters():
        if is_task_specific(name, weight):
            assert torch.equal(weight, before[name])
            continue
        threshold = before[name].abs().flatten().topk(round(0.4 * weight.numel())).values.min()
        expected = torch.where(before[name].abs() >= threshold, before[name], 0.0)
        assert torch.equal(weight, expected)


def test_retraining_restores_decisions(policy, packnet, learn, collected, texts):
    packnet.begin_task(policy, 0)
    learn(policy, packnet, 0, steps=40)
    target = policy(policy.encode(texts, [0] * 3))[0].probs.detach()
    divergences = []
    saved = packnet.state()
    weights = {name: weight.clone() for name, weight in policy.state_dict().items()}
    for steps in (0, 100):
        packnet.restore(saved)
        policy.load_state_dict(weights)
        packnet.config = PackNetConfig(keep_ratio=0.3, post_prune_steps=steps)
        list(packnet.end_task(policy, 0, collected(policy, texts)))
        probabilities = policy(policy.encode(texts, [0] * 3))[0].probs.detach()
        divergences.append(float((target * (target / probabilities).log()).sum()))
    assert divergences[1] < 0.2 * divergences[0]


def test_changes_of_assigned_weights_are_undone(policy, packnet, run_stage, move, answers, same):
    run_stage(packnet, 0)
    first = answers(policy, packnet, 0)
    packnet.begin_task(policy, 1)
    move(policy, 0.1)
    packnet.constrain(policy)
    assert same(answers(policy, packnet, 0), first)


def test_rows_added_later_are_free_and_keep_their_initial_values(policy, packnet, run_stage, answers, same):
    run_stage(packnet, 0)
    first = answers(policy, packnet, 0)
    policy.add_task(2, ("left", "right"), ("zebra",))
    new_row = policy.model.tokens[-1].detach().clone()
    assert same(answers(policy, packnet, 0), first)
    packnet.begin_task(policy, 2)
    assert torch.equal(policy.model.tokens[-1], new_row)
    run_stage(packnet, 2)
    assert same(answers(policy, packnet, 0), first)


def test_a_task_that_is_learned_again_gets_another_mask(policy, packnet, run_stage, answers, same):
    run_stage(packnet, 0)
    run_stage(packnet, 1)
    second = answers(policy, packnet, 1)
    run_stage(packnet, 0)
    assert same(answers(policy, packnet, 1), second)


def test_switched_on_during_a_run_it_prunes_for_remembered_tasks(policy, rng, learn, answers, same, remembered):
    memory, stored = remembered
    packnet = PackNet(PackNetConfig(post_prune_steps=200), memory, rng)
    packnet.begin_task(policy, 1)
    first = answers(policy, packnet, 0)
    torch.testing.assert_close(first[0].softmax(-1), stored, atol=0.1, rtol=0.0)
    packnet.activate(policy, 1)
    learn(policy, packnet, 1)
    assert same(answers(policy, packnet, 0), first)
