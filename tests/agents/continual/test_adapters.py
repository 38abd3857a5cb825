import json

import pytest
import torch

from agents.config import AdaptersConfig
from agents.continual.adapters import Adapters
from agents.continual.low_rank import LowRank
from agents.continual.packs import is_own
from agents.optimiser import FlatAdam
from agents.state_tree import join, split

TEXTS = ["apple left", "house right", "apple left right"]


@pytest.fixture
def adapters(memory, chance):
    return Adapters(AdaptersConfig(rank=2, rate=1e-2), memory, chance)


def loss(policy, column):
    distribution, values = policy(policy.encode(TEXTS, [column] * 3))
    return -distribution.logits[:, column % 2].mean() + (values - column).square().mean()


def learn(policy, strategy, column, steps=10):
    """Learn something else in each task."""
    optimiser = FlatAdam(policy)
    for _ in range(steps):
        total = loss(policy, column)
        optimiser.zero()
        total.backward()
        strategy.project(policy)
        optimiser.step(1e-2)
        strategy.constrain(policy)


@pytest.fixture
def live(policy, adapters, lived):
    def lived_through(column):
        adapters.begin_task(policy, column)
        learn(policy, adapters, column)
        adapters.end_task(policy, column, lived(policy, TEXTS, column))

    return lived_through


def answers(policy, strategy, column):
    strategy.activate(policy, column)
    with torch.no_grad():
        distribution, values = policy(policy.encode(TEXTS, [column] * 3))
    return distribution.logits.clone(), values.clone()


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_what_a_task_has_learned_stays_bit_by_bit(policy, adapters, live):
    live(0)
    first = answers(policy, adapters, 0)
    live(1)
    second = answers(policy, adapters, 1)
    adapters.begin_task(policy, 2)
    for _ in range(3):
        learn(policy, adapters, 1)
        assert same(answers(policy, adapters, 0), first)
        assert same(answers(policy, adapters, 1), second)
        adapters.activate(policy, 2)


def test_a_later_task_changes_each_matrix_by_its_rank_at_most_and_learns(policy, adapters, live):
    live(0)
    base = {name: weight.detach().clone() for name, weight in policy.named_parameters()}
    adapters.begin_task(policy, 1)
    before = float(loss(policy, 1).detach())
    learn(policy, adapters, 1)
    assert float(loss(policy, 1).detach()) < before - 0.1
    changes = [weight.detach() - base[name] for name, weight in policy.named_parameters() if not is_own(name, weight)]
    ranks = [int(torch.linalg.matrix_rank(change, atol=1e-5)) for change in changes]
    assert max(ranks) == 2


def test_looking_at_another_task_changes_nothing_of_the_running_one(policy, adapters, live):
    live(0)
    adapters.begin_task(policy, 1)
    learn(policy, adapters, 1)
    before = {name: weight.detach().clone() for name, weight in policy.named_parameters()}
    adapters.activate(policy, 0)
    assert any(not torch.equal(weight, before[name]) for name, weight in policy.named_parameters())
    adapters.activate(policy, 1)
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())


def test_the_slopes_of_the_factors_are_those_of_their_product(chance):
    matrix = torch.randn(5, 4, generator=chance, dtype=torch.float64)
    inputs = torch.randn(7, 4, generator=chance, dtype=torch.float64)
    change = LowRank.drawn([("w.x", matrix)], 2, chance)
    factors = change._factors
    with torch.no_grad():
        factors["w/x:b"].normal_(generator=chance)
    product = (inputs @ (matrix + factors["w/x:b"] @ factors["w/x:a"]).T).square().sum()
    expected = torch.autograd.grad(product, [factors["w/x:a"], factors["w/x:b"]])
    whole = change.applied("w.x", matrix).requires_grad_()
    (inputs @ whole.T).square().sum().backward()
    change.slope("w.x", whole.grad)
    torch.testing.assert_close(factors["w/x:a"].grad, expected[0], atol=1e-9, rtol=1e-6)
    torch.testing.assert_close(factors["w/x:b"].grad, expected[1], atol=1e-9, rtol=1e-6)


def test_words_met_later_do_not_disturb_what_is_kept(policy, adapters, live):
    live(0)
    first = answers(policy, adapters, 0)
    adapters.begin_task(policy, 1)
    policy.meet(2, ("left", "right"), ("zebra",))
    born = policy.model.tokens[-1].detach().clone()
    learn(policy, adapters, 1)
    assert same(answers(policy, adapters, 0), first)
    assert torch.equal(policy.model.tokens[-1], born)


def test_what_is_saved_learns_on_alike(policy, memory, adapters, live):
    live(0)
    adapters.begin_task(policy, 1)
    learn(policy, adapters, 1)
    plain, arrays = split(adapters.state())
    weights = {name: weight.clone() for name, weight in policy.state_dict().items()}
    learn(policy, adapters, 1)
    expected = [answers(policy, adapters, column) for column in (0, 1)]
    other = Adapters(adapters.config, memory, torch.Generator().manual_seed(0))
    other.restore(join(json.loads(json.dumps(plain)), arrays))
    policy.load_state_dict(weights)
    learn(policy, other, 1)
    assert all(same(answers(policy, other, column), expected[column]) for column in (0, 1))
