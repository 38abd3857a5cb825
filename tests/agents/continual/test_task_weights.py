"""Strategies under which tasks have weights of their own: masks, adapters, columns."""

import json

import pytest
import torch

from agents.config.strategies import AdaptersConfig, PackNetConfig, ProgressCompressConfig
from agents.continual.adapters import Adapters
from agents.continual.packnet import PackNet
from agents.continual.progress_compress import ProgressCompress
from agents.state_tree import join, split

STRATEGIES = {
    "packnet": (PackNet, PackNetConfig(keep_ratio=0.4, post_prune_steps=20)),
    "adapters": (Adapters, AdaptersConfig(rank=2, learning_rate=1e-2)),
    "progress_compress": (ProgressCompress, ProgressCompressConfig(compress_steps=20, samples=16)),
}
ISOLATING = ("packnet", "adapters")
"""Those under which the end of a later stage does not change earlier tasks either."""


@pytest.fixture(params=STRATEGIES)
def strategy(request, memory, rng):
    kind, config = STRATEGIES[request.param]
    return kind(config, memory, rng)


@pytest.mark.parametrize("strategy", ISOLATING, indirect=True)
def test_a_task_stays_the_same_bit_by_bit_after_later_tasks(policy, strategy, run_stage, answers, same):
    run_stage(strategy, 0)
    first = answers(policy, strategy, 0)
    run_stage(strategy, 1)
    assert same(answers(policy, strategy, 0), first)


def test_earlier_tasks_stay_the_same_bit_by_bit_during_training(policy, strategy, run_stage, learn, answers, same):
    run_stage(strategy, 0)
    run_stage(strategy, 1)
    first, second = (answers(policy, strategy, task_id) for task_id in (0, 1))
    assert not same(first, second)
    strategy.begin_task(policy, 2)
    for _ in range(3):
        learn(policy, strategy, 1)
        assert same(answers(policy, strategy, 0), first)
        assert same(answers(policy, strategy, 1), second)
        strategy.activate(policy, 2)


def test_activating_another_task_does_not_change_the_running_one(policy, strategy, run_stage, learn, weights):
    run_stage(strategy, 0)
    strategy.begin_task(policy, 1)
    learn(policy, strategy, 1)
    before = weights(policy)
    strategy.activate(policy, 0)
    assert any(not torch.equal(weight, before[name]) for name, weight in policy.named_parameters())
    strategy.activate(policy, 1)
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())


def test_a_restored_strategy_activates_and_learns_the_same(policy, strategy, run_stage, learn, answers, same):
    run_stage(strategy, 0)
    strategy.begin_task(policy, 1)
    learn(policy, strategy, 1)
    plain, arrays = split(strategy.state())
    saved = {name: weight.clone() for name, weight in policy.state_dict().items()}
    learn(policy, strategy, 1)
    expected = [answers(policy, strategy, task_id) for task_id in (0, 1)]
    other = type(strategy)(strategy.config, strategy.memory, torch.Generator().manual_seed(0))
    other.restore(join(json.loads(json.dumps(plain)), arrays))
    policy.load_state_dict(saved)
    learn(policy, other, 1)
    assert all(same(answers(policy, other, task_id), expected[task_id]) for task_id in (0, 1))


def before_training(policy, strategy, run_stage, learn):
    pass


def during_a_stage(policy, strategy, run_stage, learn):
    run_stage(strategy, 0)
    run_stage(strategy, 1)
    strategy.begin_task(policy, 2)
    learn(policy, strategy, 1)


def between_stages(policy, strategy, run_stage, learn):
    run_stage(strategy, 0)
    run_stage(strategy, 1)


def with_another_task_active(policy, strategy, run_stage, learn):
    during_a_stage(policy, strategy, run_stage, learn)
    strategy.activate(policy, 0)


def with_new_rows(policy, strategy, run_stage, learn):
    during_a_stage(policy, strategy, run_stage, learn)
    policy.add_task(3, ("left", "right"), ("zebra",))


@pytest.fixture
def situation(request, policy, strategy, run_stage, learn):
    """Add a third task, and train up to the situation of the parameter."""
    policy.add_task(2, ("north", "south"), ())
    request.param(policy, strategy, run_stage, learn)
    return request.param


@pytest.mark.parametrize(
    "situation",
    [during_a_stage, between_stages, with_another_task_active, with_new_rows, before_training],
    indirect=True,
)
def test_task_weights_are_what_activate_loads_and_asking_changes_nothing(policy, strategy, situation, weights):
    before, state = weights(policy), split(strategy.state())
    found = strategy.task_weights(policy, policy.action_sets)
    after = split(strategy.state())
    assert state[0] == after[0]
    assert all((state[1][name] == array).all() for name, array in after[1].items())
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())
    assert found or situation in (between_stages, before_training)
    for task_id in policy.action_sets:
        strategy.activate(policy, task_id)
        shown = {**before, **found.get(task_id, {})}
        assert all(torch.equal(weight, shown[name]) for name, weight in policy.named_parameters()), task_id


def test_the_weights_of_a_finished_task_are_computed_once(policy, strategy, run_stage, learn):
    during_a_stage(policy, strategy, run_stage, learn)
    once = strategy.task_weights(policy, policy.action_sets)
    learn(policy, strategy, 1)
    again = strategy.task_weights(policy, policy.action_sets)
    assert set(once) == set(again) == {0, 1}
    assert all(again[task_id][name] is once[task_id][name] for task_id in once for name in once[task_id])


def test_leaving_loads_the_weights_of_the_running_task(policy, strategy, run_stage, learn, weights):
    during_a_stage(policy, strategy, run_stage, learn)
    before = weights(policy)
    strategy.activate(policy, 0)
    for _ in range(2):
        strategy.deactivate(policy)
        assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())


@pytest.mark.parametrize("situation", [during_a_stage, between_stages], indirect=True)
@pytest.mark.usefixtures("situation")
def test_another_strategy_does_not_change_earlier_tasks(policy, strategy, answers, same, move):
    known = [answers(policy, strategy, task_id) for task_id in (0, 1)]
    strategy.activate(policy, 2)
    strategy.deactivate(policy)
    move(policy, 0.05)
    strategy.begin_task(policy, 2)
    assert all(same(answers(policy, strategy, task_id), known[task_id]) for task_id in (0, 1))


def test_a_strategy_that_was_never_used_has_nothing_to_leave(policy, strategy, weights):
    before = weights(policy)
    strategy.deactivate(policy)
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())
