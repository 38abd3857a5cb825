"""Strategies under which the policy has other weights for other tasks: masks, adapters, columns."""

import json

import pytest
import torch

from agents.config.strategies import AdaptersConfig, PackNetConfig, ProgressCompressConfig
from agents.continual.adapters import Adapters
from agents.continual.packnet import PackNet
from agents.continual.progress_compress import ProgressCompress
from agents.state_tree import join, split

MADE = {
    "packnet": (PackNet, PackNetConfig(keep_ratio=0.4, post_prune_steps=20)),
    "adapters": (Adapters, AdaptersConfig(rank=2, learning_rate=1e-2)),
    "progress_compress": (ProgressCompress, ProgressCompressConfig(compress_steps=20, samples=16)),
}
WHOLE = ("packnet", "adapters")
"""Those under which not even the next stage's end changes what was learned before."""


@pytest.fixture(params=MADE)
def strategy(request, memory, rng):
    kind, config = MADE[request.param]
    return kind(config, memory, rng)


@pytest.mark.parametrize("strategy", WHOLE, indirect=True)
def test_what_a_task_has_learned_stays_bit_by_bit_whatever_is_learned_later(policy, strategy, live, answers, same):
    live(strategy, 0)
    first = answers(policy, strategy, 0)
    live(strategy, 1)
    assert same(answers(policy, strategy, 0), first)


def test_what_was_learned_stays_bit_by_bit_while_something_is_learned(policy, strategy, live, learn, answers, same):
    live(strategy, 0)
    live(strategy, 1)
    first, second = (answers(policy, strategy, task_id) for task_id in (0, 1))
    assert not same(first, second)
    strategy.begin_task(policy, 2)
    for _ in range(3):
        learn(policy, strategy, 1)
        assert same(answers(policy, strategy, 0), first)
        assert same(answers(policy, strategy, 1), second)
        strategy.activate(policy, 2)


def test_looking_at_another_task_changes_nothing_of_the_running_one(policy, strategy, live, learn, weights):
    live(strategy, 0)
    strategy.begin_task(policy, 1)
    learn(policy, strategy, 1)
    before = weights(policy)
    strategy.activate(policy, 0)
    assert any(not torch.equal(weight, before[name]) for name, weight in policy.named_parameters())
    strategy.activate(policy, 1)
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())


def test_what_is_saved_activates_and_learns_on_alike(policy, strategy, live, learn, answers, same):
    live(strategy, 0)
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


def at_first(policy, strategy, live, learn):
    pass


def running(policy, strategy, live, learn):
    live(strategy, 0)
    live(strategy, 1)
    strategy.begin_task(policy, 2)
    learn(policy, strategy, 1)


def between(policy, strategy, live, learn):
    live(strategy, 0)
    live(strategy, 1)


def looking_away(policy, strategy, live, learn):
    running(policy, strategy, live, learn)
    strategy.activate(policy, 0)


def with_new_words(policy, strategy, live, learn):
    running(policy, strategy, live, learn)
    policy.add_task(3, ("left", "right"), ("zebra",))


@pytest.fixture
def picture_state(request, policy, strategy, live, learn):
    """Live until then; a third task is known by then."""
    policy.add_task(2, ("north", "south"), ())
    request.param(policy, strategy, live, learn)
    return request.param


@pytest.mark.parametrize("moment", [running, between, looking_away, with_new_words, at_first], indirect=True)
def test_task_weights_are_what_activate_loads_and_asking_changes_nothing(policy, strategy, picture_state, weights):
    before, state = weights(policy), split(strategy.state())
    found = strategy.task_weights(policy, policy.action_sets)
    after = split(strategy.state())
    assert state[0] == after[0]
    assert all((state[1][name] == array).all() for name, array in after[1].items())
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())
    assert found or picture_state in (between, at_first)
    for task_id in policy.action_sets:
        strategy.activate(policy, task_id)
        shown = {**before, **found.get(task_id, {})}
        assert all(torch.equal(weight, shown[name]) for name, weight in policy.named_parameters()), task_id


def test_the_weights_of_a_finished_task_are_made_once(policy, strategy, live, learn):
    running(policy, strategy, live, learn)
    once = strategy.task_weights(policy, policy.action_sets)
    learn(policy, strategy, 1)
    again = strategy.task_weights(policy, policy.action_sets)
    assert set(once) == set(again) == {0, 1}
    assert all(again[task_id][name] is once[task_id][name] for task_id in once for name in once[task_id])


def test_who_takes_over_finds_the_agent_as_the_running_task_knows_it(policy, strategy, live, learn, weights):
    running(policy, strategy, live, learn)
    before = weights(policy)
    strategy.activate(policy, 0)
    for _ in range(2):
        strategy.leave(policy)
        assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())


@pytest.mark.parametrize("moment", [running, between], indirect=True)
@pytest.mark.usefixtures("moment")
def test_what_another_strategy_does_changes_nothing_of_what_is_known_here(policy, strategy, answers, same, move):
    known = [answers(policy, strategy, task_id) for task_id in (0, 1)]
    strategy.activate(policy, 2)
    strategy.leave(policy)
    move(policy, 0.05)
    strategy.begin_task(policy, 2)
    assert all(same(answers(policy, strategy, task_id), known[task_id]) for task_id in (0, 1))


def test_a_strategy_that_was_never_used_has_nothing_to_leave(policy, strategy, weights):
    before = weights(policy)
    strategy.leave(policy)
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())
