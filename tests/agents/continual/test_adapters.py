import pytest
import torch

from agents.config.strategies import AdaptersConfig
from agents.continual.adapters import Adapters, LowRank
from agents.continual.task_weights import is_task_specific


@pytest.fixture
def adapters(memory, rng):
    return Adapters(AdaptersConfig(rank=2, learning_rate=1e-2), memory, rng)


def test_a_later_task_changes_each_matrix_by_its_rank_at_most_and_learns(
    policy, adapters, run_stage, learn, loss, weights
):
    run_stage(adapters, 0)
    base = weights(policy)
    adapters.begin_task(policy, 1)
    before = float(loss(policy, 1).detach())
    learn(policy, adapters, 1)
    assert float(loss(policy, 1).detach()) < before - 0.1
    changes = [
        weight.detach() - base[name] for name, weight in policy.named_parameters() if not is_task_specific(name, weight)
    ]
    ranks = [int(torch.linalg.matrix_rank(change, atol=1e-5)) for change in changes]
    assert max(ranks) == 2


def test_the_gradients_of_the_factors_are_those_of_their_product(rng):
    matrix = torch.randn(5, 4, generator=rng, dtype=torch.float64)
    inputs = torch.randn(7, 4, generator=rng, dtype=torch.float64)
    adapter = LowRank.random([("w.x", matrix)], 2, rng)
    factors = adapter._factors
    with torch.no_grad():
        factors["w/x:b"].normal_(generator=rng)
    product = (inputs @ (matrix + factors["w/x:b"] @ factors["w/x:a"]).T).square().sum()
    expected = torch.autograd.grad(product, [factors["w/x:a"], factors["w/x:b"]])
    whole = adapter.merge("w.x", matrix).requires_grad_()
    (inputs @ whole.T).square().sum().backward()
    adapter.backward("w.x", whole.grad)
    torch.testing.assert_close(factors["w/x:a"].grad, expected[0], atol=1e-9, rtol=1e-6)
    torch.testing.assert_close(factors["w/x:b"].grad, expected[1], atol=1e-9, rtol=1e-6)


def test_rows_added_later_do_not_change_earlier_tasks(policy, adapters, run_stage, learn, answers, same):
    run_stage(adapters, 0)
    first = answers(policy, adapters, 0)
    adapters.begin_task(policy, 1)
    policy.add_task(2, ("left", "right"), ("zebra",))
    new_row = policy.model.tokens[-1].detach().clone()
    learn(policy, adapters, 1)
    assert same(answers(policy, adapters, 0), first)
    assert torch.equal(policy.model.tokens[-1], new_row)


def test_weights_trained_by_another_strategy_during_a_stage_are_stored(
    policy, adapters, run_stage, learn, move, weights
):
    run_stage(adapters, 0)
    adapters.begin_task(policy, 1)
    learn(policy, adapters, 1)
    adapters.deactivate(policy)
    move(policy, 0.1)
    before = weights(policy)
    adapters.begin_task(policy, 1)
    for name, weight in policy.named_parameters():
        torch.testing.assert_close(weight.detach(), before[name], atol=1e-6, rtol=0.0)
